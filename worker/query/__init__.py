"""The query language that alert rules and search share, with its words and codes."""
