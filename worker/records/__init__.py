"""Frozen, typed records and the codec between records and bytes. No I/O, no clock, no environment."""
