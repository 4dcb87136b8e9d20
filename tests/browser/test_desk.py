"""The desk's pages in Chromium: what a reader sees, hears of and can do with the keyboard."""

import time
from dataclasses import replace

import pytest

from tests.browser.conftest import show
from tests.unit.desk.desks import TEXT, listed_story, placed
from tests.unit.desk.rule_desks import placed_alert
from tests.unit.desk.test_hostile import BREAKOUTS, hostile_article, hostile_source
from tests.unit.desk.test_marking import SCRIPTS
from worker.desk.marking import shown_text

PATHS = (
    "/",
    "/articles/0/0",
    "/stories",
    "/stories/5f0c",
    "/dead-letters",
    "/dead-letters/2/7",
    "/operation",
    "/alerts",
    "/alerts/0/0",
    "/rules",
    "/rules/quays",
    "/new-rule",
    "/dead-letters/redrive?reason=invalid",
    "/people",
    "/people/person:ada-obi",
    "/search?q=quay",
    "/search?q=topic:nothing",
    "/archive?id=old-1",
)
# The contrast of each piece of text to what lies behind it, as WCAG 2 reckons it.
CONTRASTS = """
const linear = (c) => { c /= 255; return c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4; };
const parse = (s) => {
  const m = s.match(/[\\d.]+/g).map(Number), scale = s.startsWith("color(") ? 255 : 1;
  return [m[0] * scale, m[1] * scale, m[2] * scale, m[3] ?? 1];
};
const light = (c) => .2126 * linear(c[0]) + .7152 * linear(c[1]) + .0722 * linear(c[2]);
const over = (a, b) => [0, 1, 2].map((i) => a[i] * a[3] + b[i] * (1 - a[3]));
function ground(e) {
  const found = [];
  for (; e; e = e.parentElement) found.push(parse(getComputedStyle(e).backgroundColor));
  return found.reverse().reduce((below, above) => over(above, below), [255, 255, 255]);
}
const bad = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const e = walker.currentNode.parentElement;
  const hidden = !e.checkVisibility() || e.closest(".skip, template, script");
  if (!walker.currentNode.data.trim() || hidden) continue;
  const behind = ground(e), ink = over(parse(getComputedStyle(e).color), behind);
  const [a, b] = [light(ink), light(behind)].sort((x, y) => y - x);
  const ratio = (a + .05) / (b + .05);
  if (ratio < 4.5) bad.push([walker.currentNode.data.trim().slice(0, 40), ratio.toFixed(2)]);
}
return bad;
"""


def until(browser, script, *values, seconds=8):
    """What the script returns, as soon as that is true."""
    deadline = time.monotonic() + seconds
    while not (found := browser.execute_script(script, *values)):
        assert time.monotonic() < deadline, script
        time.sleep(0.05)
    return found


def headlines(browser):
    return browser.execute_script(
        "return [...document.querySelectorAll('#articles .headline')].map((e) => e.textContent.trim())"
    )


def text_of(browser, css):
    return browser.execute_script("return document.querySelector(arguments[0]).textContent", css)


def come(desk, first, number):
    for offset in range(first, first + number):
        desk.do(desk.live.take_article, placed(offset, id=f"a-{offset}", headline=f"Article {offset}"))


def test_articles_come_in_by_themselves_newest_first_and_wait_while_paused(desk, browser):
    come(desk, 0, 1)
    browser.get(f"{desk.address}/")
    until(browser, "return !document.querySelector('[data-needs-script]')")
    come(desk, 1, 2)
    until(browser, "return document.querySelectorAll('#articles > li').length === 3")
    assert headlines(browser) == ["Article 2", "Article 1", "Article 0"]
    desk.do(desk.live.take_story, "5f0c", "Quay", 2, None)
    desk.do(desk.live.take_assignment, "a-1", "5f0c")
    until(browser, "return document.querySelector('.of-story a')?.textContent === 'Story of 2 articles'")
    pause = browser.find_element("id", "pause")
    pause.send_keys("\ue007")  # Enter
    come(desk, 3, 3)
    until(browser, "return document.getElementById('waiting').textContent === 'Show 3 new articles'")
    assert headlines(browser)[0] == "Article 2"
    assert (
        browser.execute_script("return document.getElementById('pause').getAttribute('aria-pressed')")
        == "true"
    )
    pause.send_keys("\ue007")
    until(browser, "return document.querySelectorAll('#articles > li').length === 6")
    desk.do(desk.live.take_back, "a-5")
    until(browser, "return document.querySelectorAll('#articles > li').length === 5")


def test_a_topic_filters_with_the_keyboard_in_a_row_that_came_by_itself_too(desk, browser):
    come(desk, 0, 1)
    browser.get(f"{desk.address}/")
    until(browser, "return !document.querySelector('[data-needs-script]')")
    desk.do(desk.live.take_article, placed(1, id="b", topics=[]))
    come(desk, 2, 1)
    until(browser, "return document.querySelectorAll('#articles > li').length === 3")
    links = "return [...document.querySelectorAll('#articles .topic')].map((e) => e.getAttribute('href'))"
    came, was = browser.execute_script(links)[:2], browser.execute_script(links)[2:]
    assert came == was
    assert len(was) == 2
    browser.find_element("css selector", "#articles > li.new .topic").send_keys("\ue007")  # Enter
    until(browser, "return document.getElementById('q').value === 'topic:\"medtop:04000000\"'")
    assert headlines(browser) == ["Article 2", "Article 0"]


def test_thousands_of_articles_leave_a_list_of_two_hundred(desk, browser):
    browser.get(f"{desk.address}/")
    until(browser, "return !document.querySelector('[data-needs-script]')")
    for first in range(0, 3_000, 150):
        come(desk, first, 150)
        time.sleep(0.05)
    until(
        browser, "return document.querySelector('#articles h2')?.textContent === 'Article 2999'", seconds=20
    )
    assert len(headlines(browser)) == 200


def test_a_page_says_that_the_broker_or_the_desk_is_away_and_comes_back_by_itself(desk, browser):
    come(desk, 0, 1)
    browser.get(f"{desk.address}/")
    until(browser, "return !document.querySelector('[data-needs-script]')")
    desk.do(desk.live.set_reads, False, "Nothing new comes in for now.")
    until(browser, "return !document.getElementById('state').hidden")
    assert text_of(browser, "#state") == "Nothing new comes in for now."
    desk.do(desk.live.set_reads, True)
    until(browser, "return document.getElementById('state').hidden")
    desk.stop()
    until(
        browser, "return document.getElementById('state').textContent.includes('does not answer')", seconds=15
    )
    desk.start()
    until(browser, "return document.getElementById('state').hidden", seconds=20)
    assert "reload for what came meanwhile" in text_of(browser, "#told")


def test_hostile_articles_stay_text(desk, browser):
    browser.get(f"{desk.address}/")
    until(browser, "return !document.querySelector('[data-needs-script]')")
    for offset, payload in enumerate(BREAKOUTS):
        desk.do(desk.live.take_story, f"s-{offset}", payload, 2, None)
        desk.do(desk.live.take_assignment, payload, f"s-{offset}")
        desk.do(desk.live.take_article, replace(hostile_article(payload), offset=offset))
    until(browser, f"return document.querySelectorAll('#articles > li').length === {len(BREAKOUTS)}")
    titles = "return [...document.querySelectorAll('#articles h2 a')].map((e) => e.textContent)"
    assert browser.execute_script(titles) == BREAKOUTS[::-1]
    everything = " ".join(BREAKOUTS)
    desk.do(desk.live.take_article, replace(hostile_article(everything), offset=99))
    desk.source.__dict__.update(hostile_source(everything).__dict__)
    for path in (
        "/",
        "/articles/0/99",
        "/stories",
        "/stories/x",
        "/dead-letters",
        "/dead-letters/0/0",
        "/operation",
    ):
        browser.get(desk.address + path)
        made = "return document.querySelectorAll('img, iframe, base, b, textarea, [onclick], [style]').length"
        assert browser.execute_script(made) == 0, path
        if path == "/articles/0/99":
            assert text_of(browser, "#text") == shown_text(
                f"{everything} said {everything} and {everything}."
            )
    from selenium.common.exceptions import NoAlertPresentException

    with pytest.raises(NoAlertPresentException):
        _ = browser.switch_to.alert


@pytest.mark.parametrize(("text", "name"), SCRIPTS.values(), ids=SCRIPTS)
def test_marks_cover_their_names_in_every_script(desk, browser, text, name):
    from tests.unit.desk.desks import entity

    desk.do(
        desk.live.take_article, placed(0, text=text, headline=text, entities=[entity(text, name, "PERSON")])
    )
    browser.get(f"{desk.address}/articles/0/0")
    assert text_of(browser, "#text") == text
    assert text_of(browser, "#text .name") == name
    is_rtl = (
        browser.execute_script("return getComputedStyle(document.querySelector('h1')).direction") == "rtl"
    )
    assert is_rtl is (text[0] > "\u0590" and text[0] < "\u0700")


def test_a_quote_in_focus_lights_its_words_its_speaker_and_its_cue_with_a_line(desk, browser):
    desk.do(desk.live.take_article, placed(0))
    browser.get(f"{desk.address}/articles/0/0")
    until(browser, "return document.querySelector('.lines')")
    assert text_of(browser, "#text") == TEXT
    browser.execute_script("document.querySelector('.said a').focus()")
    lit = "return [...document.querySelectorAll('.lit')].map((e) => e.textContent)"
    assert browser.execute_script(lit) == ["The quay is open,", "said", "Ada Obi"]
    assert browser.execute_script("return document.querySelectorAll('.lines path').length") == 1
    browser.execute_script("document.querySelector('.said li:nth-child(2) a').focus()")
    assert "".join(browser.execute_script(lit)) == "The ferry, she said, may sail on Friday"
    assert browser.execute_script("return document.querySelectorAll('.lines path').length") == 0


def test_lists_are_renewed_by_themselves(desk, browser):
    browser.get(f"{desk.address}/stories")
    browser.execute_script("document.getElementById('fresh').dataset.old = '1'")
    desk.source.listed = [listed_story(headline="A new one")]
    until(browser, "return document.querySelector('#fresh h2').textContent.includes('A new one')", seconds=15)
    assert browser.execute_script("return !document.getElementById('fresh').dataset.old")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_readable_at_every_width(desk, browser, scheme):
    come(desk, 1, 1)
    desk.do(desk.live.take_article, placed(0))
    desk.do(desk.feed.take, placed_alert())
    for width in (360, 1920):
        show(browser, width, scheme)
        for path in PATHS:
            browser.get(desk.address + path)
            assert browser.execute_script("return document.documentElement.scrollWidth") <= width, path
            assert browser.execute_script(CONTRASTS) == [], (path, width)
    small = """
      return [...document.querySelectorAll("button, select, .top nav a")]
        .filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 24).length
    """
    assert browser.execute_script(small) == 0


def test_the_keyboard_reaches_everything_and_shows_where_it_is(desk, browser):
    come(desk, 0, 1)
    browser.get(f"{desk.address}/")
    until(browser, "return !document.querySelector('[data-needs-script]')")
    reached = []
    for _ in range(14):
        browser.switch_to.active_element.send_keys("\ue004")  # Tab
        reached.append(
            browser.execute_script("const e = document.activeElement; return e.id || e.textContent.trim()")
        )
        outline = browser.execute_script("return getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none"
    assert reached == [
        "Skip to the content",
        "Live",
        "Stories",
        "People",
        "Search",
        "Alerts",
        "Rules",
        "Dead letters",
        "Operation",
        "q",
        "Show",
        "All that a query can ask",
        "pause",
        "Article 0",
    ]


def test_a_page_without_its_script_still_shows_what_there_is(desk, browser):
    come(desk, 0, 1)
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(f"{desk.address}/")
        assert "Article 0" in browser.page_source
        assert not browser.find_element("id", "pause").is_displayed()
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
