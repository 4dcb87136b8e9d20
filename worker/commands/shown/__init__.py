"""Formats records for a terminal or a pipe: as cards, lines and JSON."""
