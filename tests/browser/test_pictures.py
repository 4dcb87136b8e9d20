"""The pictures of docs/desk.md, taken of the demo's own articles.

`make pictures` writes them into docs/pictures, which DATELINE_PICTURES names; else they go with the test.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.conftest import show
from tests.browser.test_changes import fill
from tests.browser.test_desk import until
from tests.browser.test_people import an_hour
from tests.unit.desk.desks import lineage, placed, story, told

DOCS = Path(__file__).parents[2] / "docs"
MOST_BYTES = 150_000
START_SECONDS = 120
TAKEN = {
    "live": ("/", "return document.querySelectorAll('#articles > li').length > 8"),
    "people": ("/people", "return document.querySelectorAll('#main tbody tr').length > 10"),
    "person": ("/people/person:dinuka-perera", "return document.querySelector('.by-day h3')"),
    "search": ("/search?q=police+OR+court", "return document.querySelectorAll('.found > li').length > 1"),
}


@pytest.fixture
def pictures(tmp_path):
    folder = Path(os.environ.get("DATELINE_PICTURES", tmp_path / "pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def frame(browser, width, height, scheme="light"):
    show(browser, width, scheme)
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def take(browser, folder, name):
    """The page as it is, as a picture of a size for documentation."""
    path = folder / f"desk-{name}.png"
    assert browser.save_screenshot(str(path))
    assert 10_000 < path.stat().st_size < MOST_BYTES, path


def reach(browser, url, is_there):
    """Asks for a page until it shows what is meant to be there: the index follows the articles."""
    for _ in range(START_SECONDS):
        browser.get(url)
        if browser.execute_script(is_there):
            return
        browser.execute_async_script("setTimeout(arguments[0], 1000)")
    pytest.fail(f"{url} does not show it")


@pytest.fixture
def demo():
    """The address of the demo's desk."""
    words = [sys.executable, "-m", "worker", "desk", "--demo", "--allow-changes", "--port", "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            found = None
            while not found:
                line = process.stdout.readline()
                assert line, "the desk ended before it said where it is"
                found = re.search(r"http://127\.0\.0\.1:\d+", line)
            yield found[0]
        finally:
            process.terminate()


def test_pictures_of_the_demo(demo, browser, pictures):
    frame(browser, 1000, 640)
    for name, (path, is_there) in TAKEN.items():
        reach(browser, f"{demo}{path}", is_there)
        take(browser, pictures, name)
    frame(browser, 1000, 560)
    browser.get(f"{demo}/")
    browser.find_element("partial link text", "Thieves take Roman gold").click()
    until(browser, "return document.querySelector('#text .lines')")
    browser.execute_script("document.querySelector('.said a').focus()")
    until(browser, "return document.querySelector('.lines path')")
    take(browser, pictures, "article")
    frame(browser, 1000, 820)
    reach(browser, f"{demo}/", "return document.querySelectorAll('#articles > li').length > 17")
    browser.get(f"{demo}/new-rule")
    fill(browser, when="topic:disaster AND (ferry OR cyclone)", cooldown="1h", name="Storms at sea")
    until(browser, "return document.querySelector('#tried .articles')")
    take(browser, pictures, "rule")
    frame(browser, 360, 640, "dark")
    reach(browser, f"{demo}/", TAKEN["live"][1])
    take(browser, pictures, "small")


def test_a_picture_of_operation_with_figures_made_up_for_it(desk, browser, pictures):
    desk.do(an_hour, desk)
    frame(browser, 1000, 700)
    browser.get(f"{desk.address}/operation")
    take(browser, pictures, "operation")


def test_a_picture_of_a_story_whose_quote_was_altered(desk, browser, pictures):
    was = "The quay is open until Friday at noon, and after that we shall see"
    now = "The quay is open until Monday at noon, and after that we shall see"
    for offset, name in enumerate(("quay-1", "post-2", "post-3")):
        desk.do(desk.live.take_article, placed(offset, id=name))
    timeline = [told("quay-1"), told("post-2", "reprint", "quay-1"), told("post-3", "reprint", "quay-1")]
    card = story(quote_lineage=[lineage(was, now, (23, 29))])
    desk.source.told_story = {"story": card, "timeline": timeline}
    frame(browser, 1000, 860)
    browser.get(f"{desk.address}/stories/5f0c")
    browser.find_element("css selector", ".timeline summary").click()
    take(browser, pictures, "story")


def test_the_page_shows_every_picture_that_there_is_and_no_other():
    said = (DOCS / "desk.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"!\[[^\]]{20,}\]\(pictures/([\w-]+\.png)\)", said))
    there = {path.name for path in (DOCS / "pictures").iterdir()}
    assert shown == there
    assert [path.name for path in (DOCS / "pictures").iterdir() if path.stat().st_size >= MOST_BYTES] == []
