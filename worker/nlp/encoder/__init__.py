"""The encoder: runs the trained network once over an article; the other components use its scores."""
