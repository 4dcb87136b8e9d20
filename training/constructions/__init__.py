"""How precise each construction is that finds speakers: `python -m training.constructions`."""
