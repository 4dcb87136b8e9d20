"""`dateline rules`: puts, lists, pauses, deletes, tests, exports and imports standing queries."""
