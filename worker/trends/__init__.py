"""Trends: how many articles and stories name a subject by hour and by day, and where that is a burst."""
