"""Speakers: who said a quote, by patterns and by coreference."""
