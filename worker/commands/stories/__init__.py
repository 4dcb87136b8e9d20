"""`dateline stories`: stories and copies among the articles of files."""
