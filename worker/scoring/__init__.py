"""Scores the pipeline's tags against gold articles, for `dateline score` and for training."""
