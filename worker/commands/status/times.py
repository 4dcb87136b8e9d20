"""How long ago something was, in words."""

_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60))
_LEAST_UNITS = 2  # of a unit: 90 minutes, not 1 h


def how_long(now_ms: int, since_ms: int | None) -> str:
    """`12 s`, `7 min`, `30 h`, `4 d`; `-` if there is no such moment. A moment ahead counts as now."""
    if since_ms is None:
        return "-"
    seconds = max(0, now_ms - since_ms) // 1000
    for unit, size in _UNITS:
        if seconds >= _LEAST_UNITS * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
