"""`dateline dead-letters`: lists, shows and exports what could not be enriched, and sends it back."""
