"""`dateline index` and `dateline search`: a search index in one file, and queries on it."""
