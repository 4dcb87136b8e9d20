"""What the metrics cost: the CPU time of a worker with them against one without, in pairs.

run.py        the pairs; unmetered.py   the worker without
"""
