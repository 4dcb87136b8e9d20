"""`dateline feed` and `dateline enrich`: send the articles of files to the raw topic, or enrich them here."""
