"""`dateline demo`: runs the whole system on an embedded broker, with sample articles."""
