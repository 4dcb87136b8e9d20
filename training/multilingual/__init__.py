"""Training of the multilingual encoder: the lowest nine layers of multilingual-e5-small, for all tasks."""
