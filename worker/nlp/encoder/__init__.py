"""The encoder: one reading of an article, whose tags and vectors every other component uses."""
