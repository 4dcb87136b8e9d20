"""Training of the multilingual encoder: a teacher of 12 layers, and a student of 6 that the worker runs."""
