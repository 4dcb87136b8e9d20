"""Quotes: quotation marks, split quotations, and reports without marks."""
