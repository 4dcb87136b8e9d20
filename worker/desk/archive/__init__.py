"""Pages over all articles that the desk has indexed: people and organisations, and search."""
