"""An archive for tests: an index in a file, of a few articles."""

import time
from pathlib import Path
from typing import Any

from tests.unit.desk.desks import TEXT
from tests.unit.search.search_documents import assign, document, index, quote, stands, write
from worker.commands.desk.archive import IndexArchive


def archived(id_: str = "quay-1", *, days_ago: float = 0, **fields: Any) -> dict[str, Any]:
    """An article as the search topic has it, like that of `enriched`."""
    return document(
        **{
            "text": TEXT,
            "id": id_,
            "version": int((time.time() - 60 - days_ago * 86_400) * 1000),
            "url": "https://harbour.example/quay",
            "headline": "Quay opens again",
            "source": "Harbour Post",
            "authors": ["Lena Rast"],
            "people": ["Ada Obi"],
            "organisations": ["Port of Amsel"],
            "places": ["Port Amsel"],
            "entity_ids": ["person:ada-obi", "org:port-of-amsel", "gpe:port-amsel"],
            "topics": ["economy, business and finance", "shipping"],
            "topic_codes": ["medtop:04000000"],
            "speakers": ["Ada Obi"],
            "quotes": [
                quote("The quay is open,", "Ada Obi", "person:ada-obi"),
                quote("The ferry, she said, may sail on Friday", "Ada Obi", "person:ada-obi"),
            ],
        }
        | fields
    )


def few_articles() -> list[dict[str, Any]]:
    """Three days of news, a copy, and two names that are alike."""
    others = {
        "headline": "Ferry sails",
        "text": "“Ada Obi kept her word,” said Lena Rast. The ferry sailed from Port Amsel.",
        "people": ["Lena Rast", "Ada Obi"],
        "organisations": ["Lena Rast"],
        "entity_ids": ["person:lena-rast", "person:ada-obi", "org:lena-rast"],
        "quotes": [quote("Ada Obi kept her word,", "Lena Rast", "person:lena-rast")],
        "speakers": ["Lena Rast"],
    }
    return [
        archived("quay-1", days_ago=0.1),
        archived("quay-copy", days_ago=0.05, source="Other Post"),
        archived("ferry-1", days_ago=2, **others),
        archived("old-1", days_ago=20, people=["Mo Adu"], entity_ids=["person:mo-adu"], quotes=[]),
    ]


def archive_in(folder: Path, documents: list[dict[str, Any]] | None = None, **options: Any) -> IndexArchive:
    """An archive over these articles, of which `quay-copy` reprints `quay-1`."""
    path = index(folder / "index.sqlite", few_articles() if documents is None else documents)
    if documents is None:
        write(path, [
            assign("quay-1", "s1"), assign("quay-copy", "s1", "reprint", "quay-1", offset=1), stands("s1", 2),
        ])  # fmt: skip
    archive = IndexArchive(path, **options)
    archive.tell(articles=4, is_current=True)
    return archive
