"""What stands around an article when it arrives: frames, envelopes, strings; and what is no text at all."""
