"""Shows the demo to the user: a card for each article as it comes out, and a summary at the end."""

from collections import Counter
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TextIO, cast

import orjson
from aiokafka import ConsumerRecord
from rich.console import Console

from worker.channels import Channel
from worker.commands.shell.console import spinner_for
from worker.commands.shell.output import print_line
from worker.commands.shell.terminal import counted
from worker.commands.shown.cards import JsonObject, headline_of, show_card, tag_rows
from worker.commands.shown.formats import dead_letter_line, header_texts
from worker.commands.shown.story_cards import story_rows, story_title
from worker.settings import Settings


class Screen:
    """Writes to a terminal, or the same as plain lines to a pipe."""

    def __init__(self, console: Console, settings: Settings) -> None:
        self._console = console
        self._settings = settings
        self._counts: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        self.alerted: set[str] = set()
        """The ids of the rules of which an alert was shown."""
        self._enriched: dict[str, str] = {}
        self._told: set[str] = set()
        self._stories: dict[str, JsonObject] = {}
        self._shows_stories = False

    def announce(self, articles: int, rules: int) -> None:
        """Says how many articles and rules were sent before the worker starts."""
        raw, brokers = self._settings.topic(Channel.RAW), self._settings.brokers
        fed = f"{counted(articles, 'article')} fed into {raw} on an embedded broker at {brokers}"
        self._say(f"{fed}, {counted(rules, 'rule')} put in force; the worker starts.\n")

    def waiting(self) -> AbstractContextManager[object]:
        """On a terminal, shows a spinner while the worker loads its pipeline."""
        if not self._console.is_terminal:
            return nullcontext()
        return self._console.status("enriching", spinner=spinner_for(self._console))

    def show(self, record: ConsumerRecord[bytes, bytes], places: Mapping[str, str]) -> str:
        """Shows one record; `places` names the file of each origin.

        Returns the origin of the record's article, or the rule's id if the record is an alert, or what
        `without_story` has for the article if the record says which story it is in.
        """
        if record.topic == self._settings.topic(Channel.ALERTS):
            return self._show_alert(record)
        if record.topic == self._settings.topic(Channel.STORIES):
            return self._take_story(record)
        headers = header_texts(record)
        if record.topic == self._settings.topic(Channel.STORY_ARTICLES):
            self._told.add(told := _story_of(headers["origin"]))
            return told
        if record.topic == self._settings.topic(Channel.DEAD):
            return self._show_dead(headers, places)
        origin = headers["origin"]
        place = places.get(origin, origin)
        if record.value is None:
            show_card(self._console, place, [("retracted", (record.key or b"").decode(errors="replace"))])
            return origin
        article = orjson.loads(record.value)
        self._enriched[_story_of(origin)] = place
        self._counts["enriched"] += 1
        self._counts["entities"] += len(article["entities"])
        self._counts["quotes"] += len(article["quotes"])
        show_card(self._console, headline_of(article), tag_rows(article), note=place)
        return origin

    def _show_alert(self, record: ConsumerRecord[bytes, bytes]) -> str:
        assert record.value is not None, "the worker writes no null value to the alerts topic"
        alert = orjson.loads(record.value)
        self._counts["alerts"] += 1
        about, rule = alert["article"], alert["rule"]
        because = "; ".join(f"{why['condition']} ({why['found']})" for why in alert["why"])
        rows = [("alert", f"{rule['name']}, for the {rule['owner']}"), ("because", because)]
        show_card(self._console, headline_of({"headline": about["headline"] or about["id"]}), rows)
        self.alerted.add(str(rule["id"]))
        return str(rule["id"])

    def _show_dead(self, headers: Mapping[str, str], places: Mapping[str, str]) -> str:
        origin = "/".join(headers[f"dead-letter-{part}"] for part in ("topic", "partition", "offset"))
        self._reasons[headers["dead-letter-reason"]] += 1
        show_card(self._console, places.get(origin, origin), [("dead letter", dead_letter_line(headers))])
        return origin

    def without_story(self) -> dict[str, str]:
        """The articles whose story has not come out yet: their names, by what `show` returns when it does."""
        return {told: place for told, place in self._enriched.items() if told not in self._told}

    def show_stories(self) -> None:
        """Shows the stories of several articles; from now on each is shown when it changes."""
        self._shows_stories = True
        for story in self._stories.values():
            self._show_story(story)

    def _take_story(self, record: ConsumerRecord[bytes, bytes]) -> str:
        assert record.value is not None, "the worker writes no null value to the topic of stories"
        story = orjson.loads(record.value)
        self._stories[story["id"]] = story
        if self._shows_stories:
            self._show_story(story)
        return str(story["id"])

    def _show_story(self, story: JsonObject) -> None:
        """Shows a story, unless it is that of one article, or became a part of another."""
        if story["counts"]["articles"] > 1 and story["status"] != "merged":
            show_card(self._console, story_title(story), story_rows(story), note="a story")

    def sum_up(self, seconds: float) -> None:
        """Says what came out, and how long it took."""
        counts = self._counts
        found = f"{counts['entities']} entities, {counted(counts['quotes'], 'quote')}"
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(self._reasons.items()))
        alerts = counted(self._counts["alerts"], "alert")
        dead = counted(self._reasons.total(), "dead letter") + (f" ({reasons})" if reasons else "")
        enriched = f"{counted(counts['enriched'], 'article')} enriched ({found})"
        stories = sum(story["status"] != "merged" for story in self._stories.values())
        told = "1 story" if stories == 1 else f"{stories:,} stories"
        self._say(f"{enriched}, {told}, {alerts}, {dead}, in {seconds:.0f} s.")

    def how_to_go_on(self) -> None:
        """Says which commands feed the running demo and watch it."""
        brokers = self._settings.brokers
        self._say(
            "\nIt goes on until Ctrl-C. From another terminal:\n"
            f"  dateline feed --brokers {brokers} PATH...\n"
            f"  dateline tap --brokers {brokers} quotes --from beginning\n"
            f"  dateline tap --brokers {brokers} stories --from beginning\n"
            f"  dateline rules list --brokers {brokers}\n"
        )

    def _say(self, text: str) -> None:
        if self._console.is_terminal:
            self._console.print(text, markup=False)
        else:
            print_line(text, file=cast(TextIO, self._console.file))


def _story_of(origin: str) -> str:
    return f"the story of {origin}"
