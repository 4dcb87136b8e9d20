"""Bytes to `Article`: one file a format, and `decode.py`, which chooses. No I/O, no clock, no environment."""
