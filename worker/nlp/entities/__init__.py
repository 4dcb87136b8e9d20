"""Entities: finds mentions, groups them, and gives each group a name, links and a salience."""
