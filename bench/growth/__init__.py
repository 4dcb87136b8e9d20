"""How what an article costs grows with what a worker has to do.

series.py    what is varied, by how much, and what is held still
trial.py     one measurement: workers on Apache Kafka with one of these values
tables.py    the figures as tables, the cost by words, and what more cores would do by that
plots.py     the same as pictures
"""
