"""Decodes bytes into articles: one module a format; `decode.py` chooses. No I/O, no clock, no environment."""
