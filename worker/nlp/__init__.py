"""Text in, spans out: the language pipeline's components and what is made of them. Knows no Kafka."""
