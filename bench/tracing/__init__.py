"""What traces cost: CPU time of the worker's own process, without and with them, in turns.

run.py        the rounds, and the median of their differences
trial.py      one lane with its pool, from articles to deliveries in memory
function.py   what the pool does with an article: next to nothing
endpoint.py   an OTLP endpoint that takes everything
"""
