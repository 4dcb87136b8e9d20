"""Measurements and proofs that anyone can repeat."""
