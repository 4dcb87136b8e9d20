"""People, search and the plots of Operation in Chromium: days, the keyboard, and without the script."""

import time
from datetime import UTC, datetime

import pytest

from tests.browser.test_desk import text_of, until
from tests.unit.desk.archives import archive_in, archived
from tests.unit.desk.desks import look
from tests.unit.search.search_documents import quote
from worker.records.cloudevents import rfc3339


def in_zone(browser, zone):
    browser.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": zone})


def said_at(desk, tmp_path, moment):
    """A desk of one article, published then."""
    version = int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp() * 1000)
    (tmp_path / "one").mkdir()
    archive = archive_in(tmp_path / "one", [archived(version=version)])
    desk.archive._path = archive._path


@pytest.mark.parametrize(
    ("zone", "day"), [("Pacific/Kiritimati", "14"), ("Pacific/Honolulu", "13"), ("UTC", "13")]
)
def test_quotes_are_grouped_by_the_days_of_the_readers_zone(desk, browser, tmp_path, zone, day):
    said_at(desk, tmp_path, "2026-01-13T11:30:00")
    in_zone(browser, zone)
    try:
        browser.get(f"{desk.address}/people/person:ada-obi")
        title = until(browser, "return document.querySelector('.by-day h3')?.textContent")
        assert f" {day}" in title
        assert "UTC" not in title
        assert "2026" in title
        assert text_of(browser, ".by-day .quoted").count("The quay is open") == 1
    finally:
        in_zone(browser, "")


def test_without_the_script_days_are_of_utc_and_say_so(desk, browser):
    from selenium.webdriver.support.wait import WebDriverWait

    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(f"{desk.address}/people/person:ada-obi")
        titles = [each.text for each in browser.find_elements("css selector", ".by-day h3")]
        assert titles
        assert all(title.endswith("UTC") for title in titles)
        browser.find_element("link text", "Search").click()
        browser.find_element("id", "q").send_keys("quay\n")
        WebDriverWait(browser, 8).until(lambda _: browser.title.startswith("quay"))
        assert "2 articles" in browser.find_element("id", "main").text
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_from_a_name_to_a_person_to_an_article_with_the_keyboard_alone(desk, browser):
    browser.get(f"{desk.address}/people")
    name = browser.find_element("id", "name")
    name.send_keys("OBI\n")
    until(browser, "return location.search.includes('name=OBI')")
    browser.find_element("link text", "Ada Obi").send_keys("\ue007")
    until(browser, "return document.querySelector('h1').textContent === 'Ada Obi'")
    browser.find_element("link text", "Quay opens again").send_keys("\ue007")
    until(browser, "return location.pathname === '/archive'")
    until(browser, "return document.querySelector('#text .lines')")
    browser.execute_script("document.querySelector('.said a').focus()")
    lit = "return [...document.querySelectorAll('.lit')].map((e) => e.textContent).join('')"
    assert browser.execute_script(lit) == "The quay is open,"


def test_a_name_from_right_to_left_keeps_its_direction(desk, browser, tmp_path):
    (tmp_path / "rtl").mkdir()
    name = "ليلى حسن"
    made = archived(
        people=[name], entity_ids=["person:ليلى-حسن"], quotes=[quote("نعم", name, "person:ليلى-حسن")]
    )
    desk.archive._path = archive_in(tmp_path / "rtl", [made])._path
    browser.get(f"{desk.address}/people")
    assert text_of(browser, "tbody a") == name
    browser.find_element("css selector", "tbody a").click()
    until(browser, "return document.querySelector('h1')?.textContent === arguments[0]", name)
    assert browser.execute_script("return getComputedStyle(document.querySelector('h1')).direction") == "rtl"


def an_hour(desk):
    now = time.time_ns() // 1_000_000
    for number in range(1, 120):
        one = look(time=rfc3339(now - 3_600_000 + number * 30_000))
        one["stages"][0].update(lag=number * 7 % 100, per_second=number % 13, oldest_seconds=number % 60)
        minutes = [{"minute_ms": now - 600_000, "reason": "invalid", "letters": 3}]
        one["dead_letters"]["minutes"] = minutes
        desk.recent.take(one)


def test_plots_are_drawn_and_an_open_table_of_their_figures_stays_open(desk, browser):
    desk.do(an_hour, desk)
    browser.get(f"{desk.address}/operation")
    drawn = "return [...document.querySelectorAll('.plot .line, .plot .bars')].map((e) => e.getTotalLength())"
    assert len(lengths := browser.execute_script(drawn)) == 4
    assert min(lengths) > 10
    stroke = "return getComputedStyle(document.querySelector('.plot .line')).stroke"
    assert browser.execute_script(stroke) not in ("none", "")
    browser.execute_script("document.querySelector('details').open = true")
    browser.execute_script("document.getElementById('fresh').dataset.old = '1'")
    until(browser, "return !document.getElementById('fresh').dataset.old", seconds=15)
    assert browser.execute_script("return document.querySelector('details').open")
