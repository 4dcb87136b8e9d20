"""Frozen typed records and their codec: bytes to record, record to bytes. No I/O, no clock, no environment."""
