"""How fast the embedded search indexes and answers, on synthetic articles.

python -m bench.search.run --articles 100000
"""
