"""Standing queries over the stream: rules, their index, and what of an article they look at. Pure."""
