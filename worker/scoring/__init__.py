"""What `dateline score` and training count with: gold articles compared with what was found."""
