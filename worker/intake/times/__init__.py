"""Times as newsrooms write them: `dates.py` reads one, by the zones in `zones.py`."""
