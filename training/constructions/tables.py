"""Tables in Markdown, for the model card and for commands."""


def aligned_table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table. The first column is aligned left, the others right."""
    lines = [header, ("---", *["---:"] * (len(header) - 1)), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
