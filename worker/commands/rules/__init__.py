"""`dateline rules`: puts, lists, deletes, tests, exports and imports standing queries."""
