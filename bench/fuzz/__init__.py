"""Hostile input: what it is, the laws that must hold for it, what it costs, and a fuzzer.

cases.py    raw messages that break parsers, each with its expected outcome
texts.py    texts made to slow or swell the enrich step
laws.py     what holds for every outcome of decoding and enrichment
wire.py     the fuzzer's bytes as raw messages or queries and back, and changes to them
cost.py     what each costs, compared to an ordinary article
seeds.py    the fuzzer's first corpus
queries.py  queries, and what holds for every text that is read as one
guessing_encoder.py   an encoder that guesses its tags
target.py   the fuzzer
"""
