"""Training of the multilingual encoder: layers of multilingual-e5-small, for all tasks."""
