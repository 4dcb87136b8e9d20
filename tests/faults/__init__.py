"""The fault harness: real workers against a real cluster, things broken under them, and the account of it.

run.py       one run: workers, a feed, faults from a seeded schedule, the report
kinds.py     the faults, a function each
feeder.py    what goes in; rules.py: what it is held against, and blind.py: when some of it may be lacking
enricher.py, pooled.py   a worker whose pool of processes has next to nothing to do
cluster.py   three brokers behind proxy.py, whose connections can be cut
tail.py, sightings.py   what is checked while it runs
verdict.py, alert_verdict.py   what is checked at the end; replay.py: the alert stage's decisions made anew
sabotage.py  workers broken on purpose, to see that the checks see it
workers.py   worker processes: started, killed, frozen; account.py: what topics hold
trivial.py   a worker without a pool, for tests
"""
