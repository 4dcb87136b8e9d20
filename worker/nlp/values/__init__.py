"""Finds dates and amounts of money in other languages than English, by tables made from CLDR."""
