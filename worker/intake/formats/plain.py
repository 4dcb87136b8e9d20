"""Plain text: the value is the article's text."""

from worker.intake.formats.format import Format, Item, Syntax


def read_plain(text: str) -> Item:
    """The text alone."""
    return Item({"text": text}, has_no_markup=True)


INPUT_FORMAT = Format("plain", Syntax.TEXT, read_plain, media_types=("text/plain",))
