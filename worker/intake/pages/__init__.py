"""Reads the article out of an HTML page, one step a module. `extract.py` has their order."""
