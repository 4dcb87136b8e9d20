"""Hostile input to decoding and enrichment: what it is, what must hold of it, what it costs, and a fuzzer.

cases.py    raw messages that break parsers, each with its expected end
texts.py    texts made to slow or swell
laws.py     what holds of every outcome
wire.py     fuzzer bytes to raw messages and back, and changes to them
seeds.py    the fuzzer's first corpus
target.py   the fuzzer
"""
