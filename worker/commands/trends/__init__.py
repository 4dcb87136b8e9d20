"""`dateline trends`: how often subjects are in the news, by hour and by day."""
