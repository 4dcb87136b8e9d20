"""Articles on the command line: read from files, sent to the raw topic, or enriched without Kafka."""
