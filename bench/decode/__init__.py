"""Measures what decoding costs, by format."""
