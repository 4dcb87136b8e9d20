"""The words by which articles call people and bodies, that several modules here look for."""

import re

NEAR_CHARS = 1200
"""How far from each other two mentions of one may stand."""
MAX_BEFORE = 40
"""How many mentions before one are looked at, to keep the time linear."""
PLAIN_WORD = re.compile(r"[ \t]+([a-z][\w’'-]*)")
CAPITALIZED = re.compile(r"\b[A-Z][\w-]*")
ACRONYM = re.compile(r"[A-Z][A-Z&.-]{1,7}s?")
DEFINITE = ("the ", "this ", "that ", "his ", "her ", "its ", "their ")
UNNAMED = ("a ", "an ", "another ", "one ")
# These tell no two of one role apart.
NO_MODIFIERS = frozenset(
    ("a", "an", "another", "former", "his", "her", "its", "late", "new", "old", "one", "our", "same",
     "that", "the", "their", "then", "this", "young")
)  # fmt: skip
RANKS = frozenset(("acting", "assistant", "associate", "deputy", "other", "vice"))
DETERMINERS = frozenset(word.strip() for word in DEFINITE)
COLLECTIVES = frozenset(
    ("audience", "congregation", "couple", "crew", "crowd", "delegation", "media", "press", "troops")
)
OFFICES = frozenset(
    ("chancellor", "governor", "king", "mayor", "minister", "pm", "pope", "premier", "president", "queen")
)
POSSESSIVE_PRONOUNS = {"his": "he", "her": "she", "its": "it", "their": "they"}
