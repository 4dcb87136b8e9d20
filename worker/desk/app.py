"""The desk as a web application: one handler a page, and what holds for every answer."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from aiohttp import web

from worker.desk.access import COOKIE, Access, AccessVerdict, comes_from_here
from worker.desk.alerting.feed import AlertFeed
from worker.desk.alerting.pages import AlertPages
from worker.desk.answers import Refusal
from worker.desk.archive.pages import ArchivePages
from worker.desk.archive.source import Archive
from worker.desk.article_filter import ArticleFilter
from worker.desk.changes.guard import ChangeGuard
from worker.desk.changes.redrive_pages import RedrivePages
from worker.desk.changes.rule_pages import RulePages
from worker.desk.changes.sink import DeskChanges
from worker.desk.changes.trial import RuleTrials
from worker.desk.connections import LimitedConnections
from worker.desk.lineage import lineages_of
from worker.desk.live import Live, TooManyViewers
from worker.desk.marking import MOST_MARKED_CHARS, SURE_QUOTE, marks_of, segments
from worker.desk.operation.plots import last_hour
from worker.desk.operation.recent import RecentLooks
from worker.desk.pages import MEDIA_TYPES, Pages, query_error
from worker.desk.ring import NotAnArticle, PlacedArticle
from worker.desk.sections import LIVE, OF_THE_INDEX, section_of
from worker.desk.source import DeskSource, SourceError
from worker.desk.story_records import StoryRecords
from worker.desk.stream import stream_events
from worker.log import log_event
from worker.query.language import QueryError
from worker.records.article import VALUE_TYPES
from worker.records.cloudevents import rfc3339

log = logging.getLogger(__name__)

LISTED_ARTICLES = 50
STORY_ORDERS = ("growth", "sources", "articles", "latest")
MOST_FORM_BYTES = 16 << 10
WRONG_TOKEN_SECONDS = 0.5
ANSWER_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not none at all: a form would then not say where it comes from, and be refused.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Server": "dateline",
}
"""On every answer."""
OPEN_PATHS = frozenset({"/sign-in", *(f"/static/{name}" for name in MEDIA_TYPES)})
"""What takes no token."""
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_REFUSALS = {
    AccessVerdict.WRONG_HOST: "This desk does not go by the name that your browser used for it. "
    "Whoever runs it allows names with --name.",
    AccessVerdict.FOREIGN: "This desk is read through its proxy alone.",
    AccessVerdict.UNNAMED: "The proxy in front of this desk has not said who you are.",
}


class Desk:
    """Answers requests. `live`: the latest articles. `source`: reads what else is asked for.

    `changes` carries out what visitors change; without it nothing can be changed.
    """

    def __init__(
        self,
        live: Live,
        source: DeskSource,
        access: Access,
        *,
        connections: LimitedConnections | None = None,
        alerts: AlertFeed | None = None,
        stories: StoryRecords | None = None,
        changes: DeskChanges | None = None,
        archive: Archive | None = None,
        recent: RecentLooks | None = None,
    ) -> None:
        self._live, self._source, self._access = live, source, access
        self.connections = connections
        self._archive = None if archive is None else ArchivePages(live, archive, self._page)
        self._recent = recent or RecentLooks()
        self._pages = Pages()
        guard = ChangeGuard(access, is_allowed=changes is not None)
        feed = AlertFeed(live, self._pages) if alerts is None else alerts
        trials = RuleTrials(live, StoryRecords() if stories is None else stories)
        self._alerts = AlertPages(feed, live, source, self._page, self._keep_open)
        self._rules = RulePages(source, feed, trials, guard, changes, self._page)
        self._redrives = RedrivePages(source, guard, changes, self._page)
        # One at a time, each wrong one for half a second: nobody tries many tokens.
        self._signing_in = asyncio.Lock()

    def application(self) -> web.Application:
        """All routes, each answered by the rules of `Access` and with the headers that hold for all."""

        @web.middleware
        async def answer(request: web.Request, handler: _Handler) -> web.StreamResponse:
            return await self._answer(request, handler)

        app = web.Application(middlewares=[answer], client_max_size=MOST_FORM_BYTES)
        app.on_response_prepare.append(_set_headers)
        place = r"{partition:\d{1,9}}/{offset:\d{1,18}}"
        app.add_routes(
            [
                web.get("/", self._articles),
                web.get("/stream", self._stream, allow_head=False),
                web.get(f"/articles/{place}", self._article),
                web.get(f"/articles/{place}.json", self._article_json),
                web.get("/stories", self._stories),
                web.get("/stories/{id}", self._story),
                web.get("/dead-letters", self._letters),
                web.get(f"/dead-letters/{place}", self._letter),
                web.get("/operation", self._operation),
                web.get("/sign-in", self._ask_token),
                web.post("/sign-in", self._take_token),
                web.get("/static/{name}", self._file),
                *self._alerts.routes(),
                *self._rules.routes(),
                *self._redrives.routes(),
                *(() if self._archive is None else self._archive.routes()),
            ]
        )
        app.on_shutdown.append(self._end_redrive)
        return app

    async def _answer(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Answers if the request may be, and turns what goes wrong into a page."""
        trouble = partial(self._trouble, path=request.path)
        verdict = self._access.verdict(request)
        if verdict in _REFUSALS:
            return trouble(403, _REFUSALS[verdict])
        if verdict is AccessVerdict.NO_TOKEN and request.path not in OPEN_PATHS:
            if request.method in ("GET", "HEAD") and request.path == "/":
                raise web.HTTPSeeOther("/sign-in")
            return trouble(401, "This desk asks for its token.", signs_in=True)
        try:
            return await handler(request)
        except SourceError as error:
            # What changes something is not sent again by itself.
            is_asked_again = not error.is_lasting and request.method != "POST"
            return trouble(503, str(error), retries=is_asked_again)
        except Refusal as refusal:
            return trouble(refusal.status, str(refusal))
        except TooManyViewers:
            return trouble(503, "As many pages are open as the desk takes.", retries=True)
        except web.HTTPRedirection:
            raise
        except web.HTTPException as error:
            return trouble(error.status, _SAID.get(error.status, error.reason))
        except Exception as error:
            log_event(log, logging.ERROR, "desk failed", path=request.path[:200], error=repr(error)[:500])
            return trouble(500, "The desk failed at this page. Its log says more.")

    def _trouble(
        self, status: int, said: str, *, path: str, retries: bool = False, signs_in: bool = False
    ) -> web.Response:
        """What went wrong at a path, with a way back to the part that it belongs to."""
        section = section_of(path)
        response = self._page(
            "trouble.html",
            here=section.key,
            # A part that fails itself, or that this desk does not have, leads elsewhere.
            back=LIVE if path == section.path or self._lacks(section.key) else section,
            said=said,
            title=_TITLES.get(status, "This can't be answered"),
            status_code=status,
            retries=retries,
            signs_in=signs_in,
        )
        response.set_status(status)
        if retries:
            response.headers["Retry-After"] = "5"
        return response

    def _lacks(self, section_key: str) -> bool:
        return self._archive is None and section_key in OF_THE_INDEX

    def _page(self, template: str, **values: Any) -> web.Response:
        has_archive = self._archive is not None
        text = self._pages.page(template, state=self._live.state, has_archive=has_archive, **values)
        return web.Response(text=text, content_type="text/html", charset="utf-8")

    async def _articles(self, request: web.Request) -> web.Response:
        query = request.query.get("q", "").strip()
        wanted, problem = await self._filter(query)
        last_event = self._live.last_event_id()
        most = 0 if problem else LISTED_ARTICLES
        found = await self._live.latest(wanted, most=most)
        return self._page(
            "articles.html",
            here="live",
            query=query,
            problem=problem,
            articles=[self._live.listed(kept) for kept in found.articles],
            looked=found.looked,
            is_cut=found.is_cut,
            kept=len(self._live.ring),
            last_event=last_event,
        )

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        wanted, problem = await self._filter(request.query.get("q", "").strip())
        if problem is not None:
            raise web.HTTPBadRequest
        after = request.headers.get("Last-Event-ID") or request.query.get("after", "")
        opened = partial(self._keep_open, request)
        return await stream_events(request, self._live, wanted, after=after, opened=opened)

    async def _filter(self, query: str) -> tuple[ArticleFilter | None, Any]:
        """The filter of a query, and what is wrong with it: both None for an empty query."""
        if not query:
            return None, None
        try:
            return await self._live.searches.filter_of(query), None
        except QueryError as error:
            return None, query_error(error, query)

    async def _end_redrive(self, _: web.Application) -> None:
        await self._redrives.close()

    def _keep_open(self, request: web.Request) -> None:
        if self.connections is not None:
            self.connections.streams(request.transport)

    async def _article(self, request: web.Request) -> web.Response:
        placed = await self._placed(request)
        try:
            article = placed.fields()
        except NotAnArticle:
            return self._trouble(404, "The record at this place is no enriched article.", path=request.path)
        text = article["text"][:MOST_MARKED_CHARS]
        return self._page(
            "article.html",
            here="live",
            article=article,
            placed=placed,
            came=rfc3339(placed.at_ms),
            segments=segments(text, marks_of(article, VALUE_TYPES)),
            is_cut=len(text) < len(article["text"]),
            names=_names(article),
            story=self._live.story_of(article["id"]),
            sure_quote=SURE_QUOTE,
        )

    async def _article_json(self, request: web.Request) -> web.Response:
        placed = await self._placed(request)
        return web.Response(body=placed.value, content_type="application/json")

    async def _placed(self, request: web.Request) -> PlacedArticle:
        """The article at the place that the path names. Raises HTTPNotFound."""
        partition, offset = _place(request)
        placed = self._live.ring.at(partition, offset) or await self._source.article(partition, offset)
        if placed is None:
            raise web.HTTPNotFound
        return placed

    async def _stories(self, request: web.Request) -> web.Response:
        order = _one_of(request.query.get("by", ""), STORY_ORDERS)
        status = _one_of(request.query.get("status", ""), ("open", "all"))
        listed = await self._source.stories(order, status)
        stories = [
            {**story, "opening": None if story["headline"] else self._opening(story["first"])}
            for story in listed["stories"]
        ]
        return self._page(
            "stories.html",
            here="stories",
            order=order,
            status=status,
            orders=STORY_ORDERS,
            stories=stories,
            wanted=listed["wanted"],
        )

    def _opening(self, article_id: str) -> str | None:
        """What stands for the headline of a story whose first article has none, if that is at hand."""
        kept = self._live.ring.with_id(article_id)
        return None if kept is None else kept.listed["headline"]

    async def _story(self, request: web.Request) -> web.Response:
        found = await self._source.story(request.match_info["id"])
        if found is None:
            raise web.HTTPNotFound
        timeline = [
            {**entry, "kept": self._live.ring.with_id(str(entry["id"]))} for entry in found["timeline"]
        ]
        return self._page(
            "story.html",
            here="stories",
            story=found["story"],
            opening=self._opening(found["story"]["first"]["id"]),
            groups=_folded(timeline),
            lineages=lineages_of(found["story"]),
            kept=self._live.ring.with_id,
        )

    async def _letters(self, request: web.Request) -> web.Response:
        reason = request.query.get("reason") or None
        found = await self._source.letters(reason)
        return self._page("letters.html", here="letters", reason=reason, **found)

    async def _letter(self, request: web.Request) -> web.Response:
        partition, offset = _place(request)
        found = await self._source.letter(partition, offset)
        if found is None:
            raise web.HTTPNotFound
        return self._page("letter.html", here="letters", place=f"{partition}/{offset}", **found)

    async def _operation(self, _: web.Request) -> web.Response:
        """The group, and what the desk itself knows; that alone where nobody can tell of groups."""
        look, why = None, ""
        try:
            look = await self._source.operation()
        except SourceError as error:
            if not error.is_lasting:
                raise
            why = str(error)
        return self._page(
            "operation.html",
            here="operation",
            look=look,
            why=why,
            recent=last_hour(self._recent),
            pipelines=self._live.pipelines.seen(),
            viewers=self._live.viewers,
            kept=len(self._live.ring),
        )

    async def _ask_token(self, request: web.Request) -> web.Response:
        if self._access.token is None:
            raise web.HTTPSeeOther("/")
        return self._page("sign-in.html", is_wrong=False)

    async def _take_token(self, request: web.Request) -> web.Response:
        """A visitor shows the token, and has a cookie instead from then on."""
        if self._access.token is None or not comes_from_here(request):
            raise web.HTTPForbidden
        said = str((await request.post()).get("token", ""))
        async with self._signing_in:
            if not self._access.is_token(said):
                await asyncio.sleep(WRONG_TOKEN_SECONDS)
                response = self._page("sign-in.html", is_wrong=True)
                response.set_status(401)
                return response
        response = web.Response(status=303, headers={"Location": "/"})
        response.set_cookie(COOKIE, self._access.cookie(), httponly=True, samesite="Strict", path="/")
        return response

    async def _file(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in self._pages.files:
            raise web.HTTPNotFound
        response = web.Response(body=self._pages.files[name], content_type=MEDIA_TYPES[name], charset="utf-8")
        # Pages name the version, so that a new one has another address.
        response.headers["Cache-Control"] = "public, max-age=86400"
        return response


_TITLES = {
    401: "The token, please",
    403: "Not from here",
    404: "Not found",
    409: "Not as it was",
    429: "Too much at a time",
    500: "Something failed",
    503: "Not available now",
}
_SAID = {
    404: "There is nothing here, or it is no longer kept: topics drop what is old, and what newer records "
    "of the same article have replaced.",
    400: "The filter can't be read.",
}


async def _set_headers(_: web.BaseRequest, response: web.StreamResponse) -> None:
    response.headers.update(ANSWER_HEADERS)
    response.headers.setdefault("Cache-Control", "no-store")
    # A browser that keeps connections open without a need takes them from others. The server has already
    # settled what it says of this.
    response.force_close()
    response.headers["Connection"] = "close"


def _place(request: web.Request) -> tuple[int, int]:
    return int(request.match_info["partition"]), int(request.match_info["offset"])


def _one_of(said: str, known: tuple[str, ...]) -> str:
    return said if said in known else known[0]


def _names(article: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The entities that are names, by what they are, the most prominent first."""
    found: dict[str, list[dict[str, Any]]] = {}
    for entity in sorted(article["entities"], key=lambda each: -each["salience"]):
        if entity["type"] not in VALUE_TYPES:
            found.setdefault(_GROUPS.get(entity["type"], "Others"), []).append(entity)
    return {group: found[group] for group in (*dict.fromkeys(_GROUPS.values()), "Others") if group in found}


_GROUPS = {
    "PERSON": "People",
    "ORG": "Organisations",
    "GPE": "Places",
    "LOC": "Places",
    "FAC": "Places",
    "NORP": "Groups",
}


def _folded(timeline: list[dict[str, Any]]) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Each article that says something new, with those that only repeat it or another that repeats it.

    One that came later than the article that it repeats, but was published earlier, stands for itself.
    """
    by_id = {entry["id"]: entry for entry in timeline}
    groups: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {}
    for entry in timeline:
        root, seen = entry, {entry["id"]}
        while root["relation"] in _REPEATS and root["of"] in by_id and root["of"] not in seen:
            root = by_id[root["of"]]
            seen.add(root["id"])
        if entry["time"] < root["time"]:
            root = entry
        group = groups.setdefault(root["id"], (root, []))
        if root is not entry:
            group[1].append(entry)
    return list(groups.values())


_REPEATS = ("reprint", "excerpt")
