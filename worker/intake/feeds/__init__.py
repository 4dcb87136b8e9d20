"""Reads articles by the names that feeds and news interfaces give their fields."""
