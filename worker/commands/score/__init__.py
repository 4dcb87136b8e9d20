"""`dateline score`: how good the tags are, as a table, a page, or the errors in their text."""
