"""What the metrics cost: CPU time of a worker with them and of one without, in pairs.

run.py         the pairs
unmetered.py   the worker without metrics
"""
