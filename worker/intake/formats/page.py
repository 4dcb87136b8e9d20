"""An HTML page with one article."""

from dataclasses import asdict

from worker.intake.errors import FieldError
from worker.intake.formats.format import Format, Item, Syntax
from worker.intake.webpage import read_page


def read_article_page(html: str) -> Item:
    """The page's article. Raises FieldError if there is none, LimitError for a page that is too complex."""
    page = read_page(html)
    if not page.text:
        raise FieldError("the page takes an article, and no article text was found in it")
    given = {name: value for name, value in asdict(page).items() if value}
    return Item(given | {"authors": list(page.authors)})


INPUT_FORMAT = Format(
    "page", Syntax.HTML, read_article_page, media_types=("text/html", "application/xhtml+xml")
)
