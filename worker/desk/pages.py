"""Pages from templates. Whatever a template is given is escaped: nothing in the desk makes HTML by hand."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote as percent_encoded
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from worker.desk.marking import SURE_TOPIC, shown_text
from worker.desk.query_help import QUERY_HELP
from worker.desk.sections import OF_THE_INDEX, SECTIONS
from worker.query.codes import language_code
from worker.query.language import QueryError, quote_value

_HERE = Path(__file__).parent
_MOST_LINK_CHARS = 2_000
_MOST_MARKED_QUERY_CHARS = 120
MEDIA_TYPES = {
    "desk.css": "text/css",
    "desk.js": "text/javascript",
    "changes.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}


class Pages:
    """The templates, and the files that pages load: both are read once, from the package."""

    def __init__(self) -> None:
        self.files = {name: (_HERE / "static" / name).read_bytes() for name in MEDIA_TYPES}
        digest = hashlib.sha256(b"".join(self.files.values())).hexdigest()[:12]
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["shown"] = shown_text
        self._templates.filters["count"] = "{:,}".format
        self._templates.filters |= {
            "entity_path": entity_path,
            "archived_path": archived_path,
            "lang": language_attribute,
            "quoted": quote_value,
        }
        self._templates.globals |= {
            "version": digest,
            "link": safe_link,
            "sure_topic": SURE_TOPIC,
            "sections": SECTIONS,
            "of_the_index": OF_THE_INDEX,
            "query_help": QUERY_HELP,
        }

    def page(self, template: str, **values: Any) -> str:
        return self._templates.get_template(template).render(**values)


def entity_path(entity_id: str) -> str:
    """The address of the page about an entity."""
    return f"/people/{percent_encoded(entity_id, safe='')}"


def archived_path(article_id: str) -> str:
    """The address that leads to an article by its id."""
    return f"/archive?id={percent_encoded(article_id, safe='')}"


def language_attribute(language: str) -> str:
    """The language as HTML's `lang` takes it; `und`, which means an unknown one, for what is no code."""
    try:
        return language_code(language)
    except ValueError:
        return "und"


def safe_link(url: object) -> str | None:
    """The url if it leads to a web page; None for others, such as `javascript:`, which are shown as text."""
    if not isinstance(url, str) or len(url) > _MOST_LINK_CHARS or not url.isprintable() or " " in url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None


def query_error(error: QueryError, query: str) -> Mapping[str, str]:
    """A query's error with the query around what is wrong, so that a page can mark it."""
    start = min(max(0, error.position), len(query))
    end = min(max(start, error.end), len(query))
    cut = min(end, start + _MOST_MARKED_QUERY_CHARS)
    return {
        "message": error.message,
        "before": query[max(0, start - 60) : start],
        "at": query[start:cut] + ("…" if cut < end else ""),
        "after": query[end : end + 40],
    }
