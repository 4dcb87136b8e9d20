"""Finds reports without marks by their constructions, in languages whose table has the words for these."""
