"""Topics: an article's IPTC Media Topics."""
