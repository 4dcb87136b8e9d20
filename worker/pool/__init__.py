"""Runs a function in child processes: bounded, watched, and rebuilt when a child dies."""
