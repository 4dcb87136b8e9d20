"""The handlers of the pages over all indexed articles."""

from collections.abc import Callable
from typing import Any

from aiohttp import web

from worker.desk.archive.source import ENTITY_KINDS, PERIODS, Archive
from worker.desk.live import Live
from worker.desk.marking import MOST_MARKED_CHARS, segments
from worker.desk.pages import query_error
from worker.desk.source import PageFields
from worker.query.language import QueryError

MOST_PART_CHARS = 100
MOST_SEARCH_CHARS = 2_000
_MOST_ID_CHARS = 2_000


class ArchivePages:
    """Answers from the index. `page` renders a template with its values."""

    def __init__(self, live: Live, archive: Archive, page: Callable[..., web.Response]) -> None:
        self._live, self._archive, self._page = live, archive, page

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/people", self._named),
            # An id may have any sign.
            web.get(r"/people/{id:[\s\S]+}", self._entity),
            web.get("/search", self._search),
            web.get("/archive", self._article),
        ]

    async def _named(self, request: web.Request) -> web.Response:
        kind = _one_of(request.query.get("kind", ""), ENTITY_KINDS)
        period = _one_of(request.query.get("period", ""), PERIODS)
        part = request.query.get("name", "").strip()[:MOST_PART_CHARS]
        by_quotes = request.query.get("by", "") == "quotes"
        found = await self._archive.named(kind, period=period, part=part, by_quotes=by_quotes)
        return self._shown(
            "people.html",
            "people",
            kind=kind,
            kinds=ENTITY_KINDS,
            asked=period,
            part=part,
            by_quotes=by_quotes,
            **found,
        )

    async def _entity(self, request: web.Request) -> web.Response:
        asked = request.match_info["id"][:_MOST_ID_CHARS]
        found = await self._archive.entity(asked)
        if found is None:
            raise web.HTTPNotFound
        return self._shown("person.html", "people", id=asked, kind=asked.partition(":")[0], **found)

    async def _search(self, request: web.Request) -> web.Response:
        query = request.query.get("q", "").strip()
        quotes = request.query.get("what", "") == "quotes"
        newest = request.query.get("sort", "") == "newest"
        found: PageFields = {"hits": [], "count": "", "problem": None}
        try:
            if len(query) > MOST_SEARCH_CHARS:
                said = f"a search takes {MOST_SEARCH_CHARS:,} characters, got {len(query):,}"
                raise QueryError(said, MOST_SEARCH_CHARS, query, end=len(query))
            if query:
                found |= await self._archive.search(query, quotes=quotes, newest=newest)
        except QueryError as error:
            found["problem"] = query_error(error, query)
        return self._shown("search.html", "search", query=query, quotes=quotes, newest=newest, **found)

    async def _article(self, request: web.Request) -> web.Response:
        """An article by its id: as its topic has it if it is at hand, else as it was indexed."""
        asked = request.query.get("id", "")[:_MOST_ID_CHARS]
        if (kept := self._live.ring.with_id(asked)) is not None:
            raise web.HTTPSeeOther(f"/articles/{kept.article.place}")
        found = await self._archive.article(asked)
        if found is None:
            raise web.HTTPNotFound
        document = found["document"]
        text = document["text"][:MOST_MARKED_CHARS]
        return self._shown(
            "archived.html",
            "search",
            article=document,
            names=found["names"],
            segments=segments(text, found["marks"]),
            is_cut=len(text) < len(document["text"]),
            story=self._live.story_of(asked),
        )

    def _shown(self, template: str, here: str, **values: Any) -> web.Response:
        return self._page(template, here=here, archive=self._archive.state, **values)


def _one_of(said: str, known: dict[str, Any]) -> str:
    return said if said in known else next(iter(known))
