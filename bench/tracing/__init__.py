"""What traces cost: CPU time of a lane with its pool, without and with them, in turns.

run.py        the rounds, and the median of their differences
trial.py      one lane from articles to deliveries in memory
endpoint.py   an OTLP endpoint that takes everything
"""
