"""Whether `dateline trace` explains what a run fed."""
