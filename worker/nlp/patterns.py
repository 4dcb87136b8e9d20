"""The regular expressions for words and sentence ends that several components share."""

import re

WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
"""A word with its apostrophes and hyphens: "won’t", "co-op"."""

SENTENCE_END = re.compile(r"[.!?…][\"'’”)\]]*\s|[\n\r]")
"""A stop with the marks that close behind it and a space; or a line's end."""
