"""How well the same utterance is told from others, and what was altered in it: python -m bench.quotes"""
