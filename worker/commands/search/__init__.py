"""`dateline index` writes a search index into one file; `dateline search` queries it."""
