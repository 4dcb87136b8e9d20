"""`dateline topics`: creates the topics, or checks their configuration."""
