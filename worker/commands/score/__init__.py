"""`dateline score`: measures the tags against gold articles; shows a table, a page or the errors."""
