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
from worker.commands.shown.cards import headline_of, show_card, tag_rows
from worker.commands.shown.formats import dead_letter_line, header_texts
from worker.settings import Settings


class Screen:
    """Writes to a terminal, or the same as plain lines to a pipe."""

    def __init__(self, console: Console, settings: Settings) -> None:
        self._console = console
        self._settings = settings
        self._counts: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()

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

        Returns the origin of the record's article, or the rule's id if the record is an alert.
        """
        if record.topic == self._settings.topic(Channel.ALERTS):
            return self._show_alert(record)
        headers = header_texts(record)
        if record.topic == self._settings.topic(Channel.DEAD):
            return self._show_dead(headers, places)
        origin = headers["origin"]
        place = places.get(origin, origin)
        if record.value is None:
            show_card(self._console, place, [("retracted", (record.key or b"").decode(errors="replace"))])
            return origin
        article = orjson.loads(record.value)
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
        return str(rule["id"])

    def _show_dead(self, headers: Mapping[str, str], places: Mapping[str, str]) -> str:
        origin = "/".join(headers[f"dead-letter-{part}"] for part in ("topic", "partition", "offset"))
        self._reasons[headers["dead-letter-reason"]] += 1
        show_card(self._console, places.get(origin, origin), [("dead letter", dead_letter_line(headers))])
        return origin

    def sum_up(self, seconds: float) -> None:
        """Says what came out, and how long it took."""
        counts = self._counts
        found = f"{counts['entities']} entities, {counted(counts['quotes'], 'quote')}"
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(self._reasons.items()))
        alerts = counted(self._counts["alerts"], "alert")
        dead = counted(self._reasons.total(), "dead letter") + (f" ({reasons})" if reasons else "")
        enriched = f"{counted(counts['enriched'], 'article')} enriched ({found})"
        self._say(f"{enriched}, {alerts}, {dead}, in {seconds:.0f} s.")

    def how_to_go_on(self) -> None:
        """Says which commands feed the running demo and watch it."""
        brokers = self._settings.brokers
        self._say(
            "\nIt goes on until Ctrl-C. From another terminal:\n"
            f"  dateline feed --brokers {brokers} PATH...\n"
            f"  dateline tap --brokers {brokers} quotes --from beginning\n"
            f"  dateline rules list --brokers {brokers}\n"
        )

    def _say(self, text: str) -> None:
        if self._console.is_terminal:
            self._console.print(text, markup=False)
        else:
            print_line(text, file=cast(TextIO, self._console.file))
