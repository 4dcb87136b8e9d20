"""Runs a function in child processes, bounds and watches them, and replaces those that die."""
