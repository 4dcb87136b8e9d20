"""The line below a list: how many rows there are, and why others are not shown."""


def listing_summary(
    listed: str, *, shown: int, chosen: int, found: int, others: str, options: str, nothing: str
) -> str:
    """`2 stories of t; 3 more are not shown (--limit)`: no row is not taken for nothing there.

    `listed`: what is shown, with its number, and of which topic. Of what was found, the options chose some,
    and --limit shows some of these. `others`: what the rest did; `nothing`: what nothing did.
    """
    line = listed
    if chosen > shown:
        line += f"; {chosen - shown:,} more are not shown (--limit)"
    if found > chosen:
        line += f"; {found - chosen:,} others {others} ({options})"
    if not found:
        line += f"; none {nothing} since then (--since)"
    return line
