"""What alert rules may cost: the limits that `--check` holds the measurements against."""

DEMANDED_RULES = 30_000
MAX_CPU_SHARE = 0.05
"""Of an article's CPU time."""
MAX_MIB = 190
"""200 MB."""
