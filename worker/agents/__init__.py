"""Async orchestration: agents receive callables, and know neither spaCy nor settings."""
