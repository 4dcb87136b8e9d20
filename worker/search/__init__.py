"""Search on one machine: an SQLite file of search documents, its FTS5 index, and queries on it. No Kafka."""
