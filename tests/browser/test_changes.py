"""Alerts, rules and redrives in Chromium: with and without the right to change anything, by keyboard too."""

import os
from pathlib import Path

import pytest
from selenium.common.exceptions import NoAlertPresentException

from tests.browser.conftest import ServedDesk, show
from tests.browser.test_desk import CONTRASTS, text_of, until
from tests.unit.desk.desks import placed
from tests.unit.desk.rule_desks import a_rule, placed_alert, rule_fields, story_alert
from tests.unit.desk.test_alerts import as_placed
from tests.unit.desk.test_hostile import BREAKOUTS, hostile_alert, hostile_source
from worker.desk.access import Access
from worker.desk.sections import SECTIONS
from worker.records.rules import rule_version

TAB, ENTER = "\ue004", "\ue007"


def picture(browser, name):
    """Saves a picture of the page where DATELINE_TEST_PICTURES says, for whoever wants to look."""
    if folder := os.environ.get("DATELINE_TEST_PICTURES"):
        browser.save_screenshot(str(Path(folder) / f"{name}.png"))


def is_ready(browser):
    until(browser, "return globalThis.desk !== undefined && !document.querySelector('[data-needs-script]')")


def fill(browser, **fields):
    for name, text in fields.items():
        element = browser.find_element("id", name)
        element.clear()
        element.send_keys(text)


def reach(browser, wanted, most=60):
    """Tabs until the element with this id or text has the focus. What has the focus is seen to have it."""
    told = "const e = document.activeElement; return [e.id, e.textContent.trim()]"
    for _ in range(most):
        browser.switch_to.active_element.send_keys(TAB)
        assert (
            browser.execute_script("return getComputedStyle(document.activeElement).outlineStyle") != "none"
        )
        if wanted in browser.execute_script(told):
            return browser.switch_to.active_element
    raise AssertionError(f"no {wanted!r} within {most} tabs")


@pytest.mark.parametrize("path", ["/", "/alerts", "/rules", "/new-rule", "/people", "/operation"])
def test_the_keyboard_goes_through_the_navigation_in_its_order_and_then_the_page(desk, browser, path):
    browser.get(desk.address + path)
    is_ready(browser)
    reached = []
    for _ in range(len(SECTIONS) + 2):
        browser.switch_to.active_element.send_keys(TAB)
        reached.append(browser.execute_script("return document.activeElement.textContent.trim()"))
    assert reached[:-1] == ["Skip to the content", *(section.name for section in SECTIONS)]
    assert browser.execute_script("return document.getElementById('main').contains(document.activeElement)")


def test_what_a_query_can_ask_stays_open_while_one_is_typed(desk, browser):
    browser.get(f"{desk.address}/new-rule")
    is_ready(browser)
    summary = browser.find_element("css selector", ".query-terms summary")
    summary.send_keys(ENTER)
    browser.find_element("id", "when").send_keys("sorce:x")
    until(browser, "return document.querySelector('#when-problem mark')")
    assert "what belongs together" in text_of(browser, ".query-terms")
    picture(browser, "terms")


def test_alerts_come_by_themselves_with_why_and_wait_while_paused(desk, browser):
    desk.do(desk.live.take_article, placed(0))
    browser.get(f"{desk.address}/alerts")
    is_ready(browser)
    assert "No alerts yet." in text_of(browser, "#empty")
    desk.do(desk.feed.take, placed_alert(0))
    until(browser, "return document.querySelectorAll('#alerts > li').length === 1")
    assert (
        text_of(browser, "#alerts .place")
        == "“The quay is open,” said Ada Obi, mayor of Port Amsel. The ferry, she said, may sail on…"
    )
    assert text_of(browser, "#alerts mark") == "Ada Obi"
    browser.find_element("id", "pause").send_keys(ENTER)
    desk.do(desk.feed.take, as_placed(story_alert(), 1))
    until(browser, "return document.getElementById('waiting').textContent === 'Show 1 new alert'")
    browser.find_element("id", "waiting").send_keys(ENTER)
    until(browser, "return document.querySelectorAll('#alerts > li').length === 2")
    assert "Story of 3 articles" in text_of(browser, "#alerts > li")
    picture(browser, "alerts")
    browser.find_element("css selector", "#alerts li:nth-child(2) h2 a").click()
    until(browser, "return document.querySelector('.text mark')?.textContent === 'Ada Obi'")
    picture(browser, "alert")


def test_a_query_is_tried_while_it_is_typed_and_an_error_is_shown_at_its_place(desk, browser):
    for offset in range(3):
        desk.do(desk.live.take_article, placed(offset, id=f"a-{offset}"))
    browser.get(f"{desk.address}/new-rule")
    query = browser.find_element("id", "when")
    query.send_keys('speaker:"Ada Obi"')
    until(browser, "return document.querySelector('#tried-told strong')?.textContent === '3'")
    assert text_of(browser, "#tried .place mark") == "The quay is open,"
    assert text_of(browser, "#trying").startswith("3 of 3 articles")
    assert browser.execute_script("return document.activeElement.id") == "when"
    picture(browser, "tried")
    query.send_keys(" AND sorce:x")
    until(browser, "return document.querySelector('#when-told mark')?.textContent === 'sorce'")
    assert "no field is called" in text_of(browser, "#when-problem")
    assert query.get_attribute("aria-invalid") is not None
    assert not text_of(browser, "#tried").strip()
    query.clear()
    query.send_keys("zebra")
    until(browser, "return document.querySelector('#tried-told strong')?.textContent === '0'")
    assert query.get_attribute("aria-invalid") is None


def test_without_the_right_nothing_on_the_pages_saves_pauses_deletes_or_sends(desk, browser):
    for path in ("/rules", "/rules/quays", "/new-rule", "/dead-letters/2/7", "/dead-letters/redrive?at=2/7"):
        browser.get(desk.address + path)
        actions = (
            "return [...document.querySelectorAll('form')].map((e) => e.getAttribute('action') + e.method)"
        )
        assert set(browser.execute_script(actions)) <= {"/try-rulepost", "/rulesget"}, path
    assert "--allow-changes" in text_of(browser, "#not-allowed")
    browser.get(f"{desk.address}/new-rule")
    status = browser.execute_async_script(
        "const done = arguments[0]; fetch('/rules', {method: 'POST', body: new URLSearchParams({id: 'x'})})"
        ".then(async (answer) => done([answer.status, await answer.text()]))"
    )
    assert status[0] == 403
    assert "--allow-changes" in status[1]


def test_a_rule_is_put_by_keyboard_alone_then_paused_resumed_and_deleted(changing_desk, browser):
    browser.get(f"{changing_desk.address}/new-rule")
    for name, text in (
        ("when", "ferry"), ("cooldown", "1h"), ("name", "Ferries"), ("owner", "city desk"), ("id", "ferries"),
    ):  # fmt: skip
        reach(browser, name).send_keys(text)
    reach(browser, "Save").send_keys(ENTER)
    until(browser, "return document.querySelector('.well')?.textContent.includes('is the rule now')")
    picture(browser, "rule-saved")
    for button, state in (("Pause", "paused"), ("Resume", "active")):
        reach(browser, button).send_keys(ENTER)
        until(browser, f"return document.querySelector('.about .topic')?.textContent === '{state}'")
    summary = reach(browser, "Delete …")
    summary.send_keys(ENTER)
    reach(browser, "Delete this rule").send_keys(ENTER)
    until(browser, "return document.querySelector('.well')?.textContent === 'The rule ferries is deleted.'")
    assert [name for name, _, _ in changing_desk.changes.done] == ["put", "pause", "resume", "delete"]
    picture(browser, "rules")


def test_what_is_wrong_with_a_rule_stands_beside_its_field_and_nothing_typed_is_lost(changing_desk, browser):
    browser.get(f"{changing_desk.address}/new-rule")
    fill(browser, when="ferry", cooldown="soon", name="Ferries", owner="city desk", id="no good")
    browser.find_element("css selector", "button.main").click()
    until(browser, "return document.getElementById('id-problem')")
    assert "takes none, or a time" in text_of(browser, "#cooldown-problem")
    assert browser.find_element("id", "name").get_attribute("value") == "Ferries"
    described = "return document.getElementById('id').getAttribute('aria-describedby')"
    assert browser.execute_script(described) == "id-problem"
    picture(browser, "rule-problems")


def test_who_saves_over_somebody_elses_change_sees_it_first(changing_desk, browser):
    browser.get(f"{changing_desk.address}/rules/quays")
    theirs = a_rule(when={"phrase": {"text": "dredger"}})
    changing_desk.source.kept_rules["quays"] = rule_fields(theirs, changed_by="bob")
    fill(browser, when="ferry")
    browser.find_element("css selector", "button.main").click()
    until(browser, "return document.getElementById('said')")
    assert "Nothing was written" in text_of(browser, "#said")
    assert "dredger" in text_of(browser, ".theirs")
    assert browser.find_element("id", "when").get_attribute("value") == "ferry"
    assert changing_desk.changes.done == []
    picture(browser, "conflict")
    browser.find_element("css selector", "button.main").click()
    until(browser, "return document.querySelector('.well')?.textContent.includes('is the rule now')")


def test_letters_are_sent_back_after_a_look_at_what_goes_where(changing_desk, browser):
    browser.get(f"{changing_desk.address}/dead-letters?reason=invalid")
    picture(browser, "letters")
    reach(browser, "Send these back …").send_keys(ENTER)
    until(
        browser,
        "return document.getElementById('plan')?.textContent.includes('2 letters would be sent back')",
    )
    picture(browser, "redrive")
    assert changing_desk.changes.redriven == []
    reach(browser, "Send 2 back").send_keys(ENTER)
    until(browser, "return document.querySelector('.well')?.textContent.includes('2 letters sent back')")
    assert len(changing_desk.changes.redriven) == 1
    browser.refresh()
    until(browser, "return document.querySelector('.well')?.textContent.includes('2 letters sent back')")
    assert len(changing_desk.changes.redriven) == 1
    picture(browser, "redriven")


def test_a_letters_error_is_marked_in_its_bytes(desk, browser):
    desk.source.bytes = ['00000000  7b 22 69 64 22 3a 20 22  61 2d 31 22 7d 00 ff 7e  {"id": "a-1"}..~']
    desk.source.error = {"at": 14, "first": 0, "line": 0, "hex": 53, "char": 74}
    browser.get(f"{desk.address}/dead-letters/2/7")
    marked = "return [...document.querySelectorAll('.bytes mark')].map((e) => e.textContent)"
    assert browser.execute_script(marked) == ["ff", "."]
    assert "byte 14" in text_of(browser, "#error-place")
    picture(browser, "letter")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_that_change_something_are_readable_at_every_width(changing_desk, browser, scheme):
    changing_desk.do(changing_desk.live.take_article, placed(0))
    changing_desk.do(changing_desk.feed.take, placed_alert())
    for width in (360, 1920):
        show(browser, width, scheme)
        for path in ("/rules", "/rules/quays", "/new-rule?when=(", "/dead-letters/redrive?reason=invalid"):
            browser.get(changing_desk.address + path)
            is_ready(browser)
            assert browser.execute_script("return document.documentElement.scrollWidth") <= width, path
            assert browser.execute_script(CONTRASTS) == [], (path, width)
            small = """
              return [...document.querySelectorAll("button, summary, input, textarea, .top nav a")]
                .filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 24).length
            """
            assert browser.execute_script(small) == 0, path
            picture(browser, f"{path.strip('/').split('?')[0].replace('/', '-')}-{width}-{scheme}")


def test_hostile_rules_and_alerts_stay_text(changing_desk, browser):
    everything = " ".join(BREAKOUTS)
    changing_desk.source.__dict__.update(hostile_source(everything).__dict__)
    changing_desk.do(changing_desk.feed.take, hostile_alert(everything, 7))
    browser.get(f"{changing_desk.address}/alerts")
    is_ready(browser)
    changing_desk.do(changing_desk.feed.take, hostile_alert(everything, 8))
    until(browser, "return document.querySelectorAll('#alerts > li').length === 2")
    for path in ("", "/alerts/0/7", "/rules", "/rules/r", "/dead-letters/redrive?at=2/7"):
        if path:
            browser.get(changing_desk.address + path)
        made = "return document.querySelectorAll('img, iframe, base, b, [onclick], [style]').length"
        assert browser.execute_script(made) == 0, path
    with pytest.raises(NoAlertPresentException):
        _ = browser.switch_to.alert


@pytest.fixture
def far_desk(tmp_path):
    """A desk behind a token, under a name that is not the loopback interface's, by plain HTTP."""
    access = Access(hosts=frozenset({"desk.example"}), token="correct-horse-battery")
    desk = ServedDesk(tmp_path, allow_changes=True, access=access)
    desk.start()
    yield desk
    desk.stop()


def test_a_visitor_from_elsewhere_signs_in_and_changes_a_rule(far_desk, browser):
    """By plain HTTP a browser does not say that a form is from the same site, and Origin has to."""
    address = f"http://desk.example:{far_desk.port}"
    browser.get(f"{address}/")
    fill(browser, token="correct-horse-battery")
    browser.find_element("css selector", "form button").click()
    until(browser, "return document.querySelector('h1')?.textContent === 'Articles as they come'")
    browser.get(f"{address}/rules/quays")
    fill(browser, name="Quays and piers")
    browser.find_element("css selector", "button.main").click()
    until(browser, "return document.querySelector('.well')?.textContent.includes('is the rule now')")
    assert far_desk.source.kept_rules["quays"]["version"] != rule_version(a_rule())
