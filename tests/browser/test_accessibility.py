"""axe-core finds nothing serious on any page in any state, in light and dark colours.

`make accessibility` fetches axe-core from npm. Nothing of it ships with Dateline; where it is missing these
tests are skipped.
"""

from pathlib import Path

import pytest

from tests.browser.conftest import show
from tests.browser.test_changes import fill
from tests.browser.test_desk import come, until
from tests.browser.test_people import an_hour
from tests.unit.desk.archives import archive_in
from tests.unit.desk.desks import look, placed
from tests.unit.desk.rule_desks import a_rule, placed_alert, rule_fields, story_alert
from tests.unit.desk.test_alerts import as_placed
from tests.unit.desk.test_hostile import hostile_article
from worker.desk.source import SourceError

AXE = Path(__file__).parent / "axe" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ["violations"], rules: {"color-contrast": {enabled: true}}})
  .then(
    (found) => done(found.violations.map((each) => [
      each.id, each.impact, each.nodes.slice(0, 3).map((node) => node.html.slice(0, 200))
    ])),
    (error) => done([["failed", "serious", [String(error)]]])
  );
"""
BAD = ("serious", "critical")
PAGES = [
    "/",
    "/?q=topic:nothing",
    "/articles/0/0",
    "/articles/9/9",
    "/stories",
    "/stories/5f0c",
    "/people",
    "/people?name=nobody",
    "/people?kind=org&period=week",
    "/people/person:ada-obi",
    "/search",
    "/search?q=quay",
    "/search?q=quay&what=quotes",
    "/search?q=topic:nothing",
    "/archive?id=old-1",
    "/dead-letters",
    "/dead-letters/2/7",
    "/operation",
    "/alerts",
    "/alerts?rule=quays",
    "/alerts/0/0",
    "/alerts/0/1",
    "/rules",
    "/rules/quays",
    "/new-rule",
    "/dead-letters/redrive?reason=invalid",
]

EMPTY_PAGES = [
    "/",
    "/stories",
    "/people",
    "/search?q=x",
    "/alerts",
    "/alerts?rule=quays",
    "/rules",
    "/dead-letters",
    "/operation",
]
CHANGING_PAGES = [
    "/rules",
    "/rules?match=nothing",
    "/rules?deleted=ferries",
    "/rules/quays",
    "/rules/paused",
    "/new-rule",
    "/dead-letters/redrive?reason=invalid",
    "/dead-letters/redrive?at=2/7",
]
SAVE = ("css selector", "button.main")
pytestmark = pytest.mark.skipif(not AXE.exists(), reason="`make accessibility` fetches axe-core")


def violations(browser):
    """What axe finds on the page that is open. It runs in the page, as the reader's own tool does."""
    browser.execute_script(AXE.read_text(encoding="utf-8"))
    return [found for found in browser.execute_async_script(RUN) if found[1] in BAD]


def every_page_is_well(desk, browser, scheme, pages=PAGES):
    for width in (360, 1280):
        show(browser, width, scheme)
        for path in pages:
            browser.get(desk.address + path)
            until(browser, "return !document.querySelector('[data-needs-script]')")
            assert violations(browser) == [], (path, width)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_with_articles_and_an_hour_of_looks(desk, browser, scheme):
    desk.do(desk.live.take_article, placed(0))
    come(desk, 1, 5)
    desk.do(desk.live.take_story, "5f0c", "Quay", 2, None)
    desk.do(desk.live.take_assignment, "a-1", "5f0c")
    desk.do(desk.feed.take, placed_alert(0))
    desk.do(desk.feed.take, as_placed(story_alert(), 1))
    troubled = look(troubles=[{"kind": "standing still", "text": "match has delivered nothing for 5 min"}])
    desk.source.look = troubled
    desk.do(an_hour, desk)
    every_page_is_well(desk, browser, scheme)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_with_nothing_at_all(desk, browser, scheme, tmp_path):
    (tmp_path / "empty").mkdir()
    desk.archive._path = archive_in(tmp_path / "empty", [])._path
    desk.source.listed, desk.source.kept_letters, desk.source.kept_rules = [], [], {}
    desk.source.look = look(workers=[], stages=[])
    every_page_is_well(desk, browser, scheme, EMPTY_PAGES)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_where_rules_and_letters_are_changed(changing_desk, browser, scheme):
    desk = changing_desk
    come(desk, 0, 3)
    desk.do(desk.feed.take, placed_alert(0))
    paused = rule_fields(a_rule(id="paused", expires_at="1970-01-01T00:00:00Z"), changed_by="bob")
    desk.source.kept_rules["paused"] = paused
    every_page_is_well(desk, browser, scheme, CHANGING_PAGES)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_with_what_is_wrong_in_a_rule_and_with_a_conflict(changing_desk, browser, scheme):
    desk = changing_desk
    come(desk, 0, 3)
    show(browser, 360, scheme)
    browser.get(f"{desk.address}/new-rule?when=speaker:x+AND+sorce:x")
    until(browser, "return document.querySelector('#when-problem mark')")
    assert violations(browser) == []
    fill(browser, cooldown="soon", name="", owner="city desk", id="no good", expires_at="never")
    browser.find_element(*SAVE).click()
    until(browser, "return document.querySelectorAll('.problem').length > 3")
    assert violations(browser) == []
    browser.get(f"{desk.address}/rules/quays")
    desk.source.kept_rules["quays"] = rule_fields(a_rule(when={"phrase": {"text": "dredger"}}))
    fill(browser, when="quay")
    until(browser, "return document.querySelector('#tried .articles')")
    assert violations(browser) == []
    browser.find_element(*SAVE).click()
    until(browser, "return document.querySelector('.theirs')")
    assert violations(browser) == []
    browser.find_element(*SAVE).click()
    until(browser, "return document.querySelector('.well')")
    assert violations(browser) == []


def test_while_letters_are_sent_back_and_after(changing_desk, browser):
    browser.get(f"{changing_desk.address}/dead-letters/redrive?reason=invalid")
    browser.find_element("css selector", "button.grave").click()
    until(browser, "return document.querySelector('.well')?.textContent.includes('sent back')")
    assert violations(browser) == []


def test_with_the_brokers_away(desk, browser):
    come(desk, 0, 2)
    desk.source.away = SourceError("No answer from the Kafka brokers.")
    desk.do(desk.live.set_reads, False, "Nothing new comes in for now: no answer from the Kafka brokers.")
    desk.do(lambda: desk.archive.tell(why="The index is not kept up to date for now: no answer."))
    every_page_is_well(desk, browser, "light", ["/", "/stories", "/people", "/dead-letters", "/operation"])
    every_page_is_well(desk, browser, "dark", ["/", "/operation"])


def test_with_a_hostile_article(desk, browser):
    desk.do(desk.live.take_article, hostile_article("<script>alert(1)</script>"))
    every_page_is_well(desk, browser, "light", ["/", "/articles/0/0"])


def test_paused_and_with_articles_that_wait(desk, browser):
    browser.get(f"{desk.address}/")
    until(browser, "return !document.querySelector('[data-needs-script]')")
    browser.find_element("id", "pause").click()
    come(desk, 0, 3)
    until(browser, "return !document.getElementById('waiting').hidden")
    assert violations(browser) == []


def test_a_page_that_is_not_well_is_found(desk, browser):
    """The check itself can fail."""
    browser.get(f"{desk.address}/")
    browser.execute_script(
        "document.querySelector('label[for=q]').remove(); document.getElementById('q').placeholder = ''"
    )
    assert [found[0] for found in violations(browser)] == ["label-title-only", "label"]
