"""Speakers: attributes quotes to mentions by patterns, and resolves mentions to entities by coreference."""
