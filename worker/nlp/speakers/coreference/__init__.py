"""Coreference: resolves the mention of a speaker to an entity, None where it is uncertain."""
