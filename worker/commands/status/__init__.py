"""`dateline status`: the group as the brokers see it, and what of it needs a person."""
