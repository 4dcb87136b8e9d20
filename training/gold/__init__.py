"""Writes the gold articles of seeds/quality/languages."""
