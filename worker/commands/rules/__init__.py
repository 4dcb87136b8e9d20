"""`dateline rules`: standing queries, put, listed, deleted, tested, exported and imported."""
