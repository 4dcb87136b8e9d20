"""The fault harness: breaks real workers on a real cluster, and proves that nothing is lost or repeated.

run.py           one run: a fleet, a feed, faults from a seeded schedule, the report
fleet.py         the workers of a run, started, stopped and replaced
kinds.py         the kinds of faults, a function each
topics.py        the topics of a run, created, deleted and made anew
feeder.py        the articles that are fed; rules.py: the alert rules that they must match
cluster.py       three brokers behind proxy.py, whose connections can be cut
tail.py          follows the topics while a run goes on, with sightings.py, which checks committed offsets
verdict.py       compares outputs with inputs at the end
alert_verdict.py compares alerts with what replay.py decides anew
tracing/         asserts that `dateline trace` explains every input
sabotage.py      workers broken on purpose, to prove that the checks notice
workers.py       worker processes; account.py: what topics hold
pooled.py        a worker whose pool of processes runs enricher.py in place of a pipeline
trivial.py       a worker without a pool of processes, after inline_pool.py
"""
