"""Measurements and proofs that anyone can repeat.

rolling.py   what articles wait while workers are restarted one by one
upgrade.py   what is lost or repeated while workers are upgraded from another checkout, and back
tags.py      speed, size and memory of the shipped pipeline
memory.py    memory of a whole worker, for the Helm chart's requests
latency/     how long articles and alerts take by a worker's load, beside another checkout
peers/       Dateline beside other ways to enrich the same articles into the same records
growth/      how an article's CPU time grows with words, partitions, rules, stories, workers and a backlog
alerts/      what alert rules cost; lanes/: what many partitions take; metering/: what metrics cost
search/      how fast the embedded search indexes and answers
faults/      the long proof of delivery; fuzz/: hostile input
whole_worker.py, scrape.py, kafka.py, footprint.py, isolation.py, command_line.py, texts.py and page.py are
what they share
"""
