"""Records as `dateline tap` and the demo show them: cards, lines, tables and JSON."""
