"""Hostile input to decoding and enrichment: what it is, what must hold of it, what it costs, and a fuzzer.

cases.py    raw messages that break parsers, each with its expected end
texts.py    texts made to slow or swell
laws.py     what holds of every outcome
wire.py     fuzzer bytes to raw messages and back, and changes to them
cost.py     what each costs beside an ordinary article
seeds.py    the fuzzer's first corpus
wild.py     an encoder that guesses, so that the rules behind it meet all they can
target.py   the fuzzer
"""
