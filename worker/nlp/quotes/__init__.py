"""Quotes: finds quotations between marks, and reported speech without marks."""
