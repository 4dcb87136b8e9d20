"""Entities: mentions found, grouped, named, linked, and ranked by salience."""
