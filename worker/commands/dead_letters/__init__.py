"""`dateline dead-letters`: what could not be enriched, listed, shown, exported and sent back."""
