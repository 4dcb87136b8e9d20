"""The language pipeline: its spaCy components, and records made of the spans they find. Knows no Kafka."""
