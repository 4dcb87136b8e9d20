"""How `rules test` shows an alert."""

import io

from rich.console import Console

from worker.alerts.index import RuleIndex
from worker.alerts.matching import matches
from worker.commands.rules.typed import typed_rule
from worker.commands.shown.alert_card import MAX_REASON_PLACES, MAX_REASONS, make_alert_card, show_alert

TEXT = (
    "After the storm of Monday\nthe harbour of Porthaven\x1b[2J stays closed until further notice is given."
)


def card(when, *, terminal=False, **fields):
    article = {
        "id": "a1", "url": None, "headline": None, "text": TEXT, "source": "wire.example", "language": "en",
        "published_at": None, "authors": [], "extra": {}, "entities": [], "quotes": [],
        "topics": [{"code": "medtop:17000000", "name": "weather", "confidence": 0.9, "broader": []}],
        "pipeline": {"name": "en_news", "version": "1.0.0"},
    } | fields  # fmt: skip
    index = RuleIndex([typed_rule("r1", name="Harbours", owner="o", when=when)])
    (match,) = matches(index, article, time_ms=1_769_846_400_123)
    out = io.StringIO()
    console = Console(
        file=out, soft_wrap=True, force_terminal=terminal, color_system="standard" if terminal else None
    )
    show_alert(console, match.alert, make_alert_card(match.alert, article))
    return out.getvalue()


def test_a_pipe_gets_the_places_between_marks():
    assert card("porthaven topic:weather", headline="Harbour closed").splitlines() == [
        "Harbour closed  2026-01-31T08:00:00.123Z  wire.example, a1",
        "  r1  Harbours",
        "    porthaven",
        "      …the storm of Monday the harbour of [[Porthaven]]\ufffd[2J stays closed until further notice…",
        "    topic:weather  medtop:17000000",
    ]


def test_a_terminal_gets_colours_and_no_marks():
    shown = card("porthaven", terminal=True)
    assert "[[" not in shown
    assert "\x1b[1;33mPorthaven\x1b[0m" in shown
    assert "\x1b[2J" not in shown


def test_an_article_without_a_headline_or_source_shows_how_it_begins():
    head = card("storm", source=None).splitlines()[0]
    assert head.startswith("After the storm of Monday the harbour of Porthaven\ufffd[2J stays")
    assert head.endswith("  2026-01-31T08:00:00.123Z  a1")


def test_the_first_reasons_are_shown_and_the_others_counted():
    words = dict.fromkeys(TEXT.replace("\x1b[2J", "").replace(".", "").split())
    lines = card(" ".join(list(words)[: MAX_REASONS + 2])).splitlines()
    assert lines[-1] == "    and 2 more"
    assert sum("[[" in line for line in lines) <= MAX_REASONS * MAX_REASON_PLACES
