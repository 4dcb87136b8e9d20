"""Dateline beside other ways to enrich the same articles into the same records, in one run.

__main__.py         the runs in rounds, and the table, which it writes into docs/performance.md
trial.py            one run of one of them, from a backlog to its figures
enriching.py        what all of them have in common: the function that enriches, and where it is run
bare.py             the pipeline alone, without Kafka
with_confluent.py   a loop over confluent-kafka, with transactions
with_faust.py       Faust, as its pages show it
with_quix.py        Quix Streams, exactly once

Each peer is a program of its own, written as its documentation recommends. They need the extra `bench`, which
excludes some of the versions that the worker's tests use, so `make peers` makes an environment of their own.
"""
