"""Search on one machine: search documents in an SQLite file, its FTS5 index, and queries on it. No Kafka."""
