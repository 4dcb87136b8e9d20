"""Frozen typed records and their codec, bytes to record and back. No I/O, no clock, no environment."""
