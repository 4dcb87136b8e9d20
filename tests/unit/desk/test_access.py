"""Which requests the desk answers: by where they come from, what they name, and what they show."""

import ipaddress
from types import SimpleNamespace

import pytest

from tests.unit.desk.desks import FakeSource, Page, client_of, placed
from worker.desk.access import COOKIE, Access, AccessVerdict, is_loopback, loopback_hosts
from worker.desk.live import Live

TOKEN = "correct-horse-battery"
HERE = [ipaddress.ip_network("127.0.0.0/8")]


def desk(access):
    live = Live()
    live.take_article(placed(0))
    return client_of(live, FakeSource(), access)


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:6067", "127.0.0.1:6067", "[::1]:6067", "desk.example", "Desk.Example:80"]
)
async def test_on_the_loopback_interface_its_own_names_and_those_given_are_answered(host):
    async with desk(Access(hosts=loopback_hosts(["desk.example"]))) as client:
        assert (await client.get("/", headers={"Host": host})).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evil.example@localhost",
        "",
        "localhost:6067:1",
        "[::1",
        "127.0.0.2",
        "localhost/",
        "localhost evil.example",
        "0.0.0.0",
    ],
)
async def test_a_name_that_was_made_to_lead_here_is_refused(host):
    async with desk(Access(hosts=loopback_hosts([]))) as client:
        for path in ("/", "/stream", "/articles/0/0.json", "/static/desk.js", "/sign-in"):
            answer = await client.get(path, headers={"Host": host})
            assert answer.status == 403
            assert "quay" not in (await answer.text()).lower()


@pytest.mark.parametrize(
    "path",
    [
        "/articles/0/0",
        "/articles/0/0.json",
        "/stream",
        "/stories",
        "/dead-letters/0/0",
        "/operation",
        "/none",
    ],
)
async def test_without_the_token_nothing_is_shown(path):
    async with desk(Access(hosts=None, token=TOKEN)) as client:
        answer = await client.get(path)
        assert answer.status == 401
        assert "Quay" not in await answer.text()
        first = await client.get("/", allow_redirects=False)
        assert (first.status, first.headers["Location"]) == (303, "/sign-in")
        assert (await client.get("/static/desk.css")).status == 200


async def test_who_shows_the_token_once_has_a_cookie_that_scripts_and_other_sites_do_not_get():
    async with desk(Access(hosts=None, token=TOKEN)) as client:
        answer = await client.post("/sign-in", data={"token": TOKEN}, allow_redirects=False)
        assert (answer.status, answer.headers["Location"]) == (303, "/")
        cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert TOKEN not in cookie
        value = answer.cookies[COOKIE].value
        assert (await client.get("/operation", cookies={COOKIE: value})).status == 200


@pytest.mark.parametrize("said", ["", "wrong", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "\udcff", "🎉" * 100])
async def test_a_wrong_token_gets_nothing(monkeypatch, said):
    monkeypatch.setattr("worker.desk.app.WRONG_TOKEN_SECONDS", 0)
    async with desk(Access(hosts=None, token=TOKEN)) as client:
        answer = await client.post("/sign-in", data={"token": said.encode(errors="replace").decode()})
        assert answer.status == 401
        assert "Set-Cookie" not in answer.headers
        assert "not the token" in Page(await answer.text()).text["wrong"]


@pytest.mark.parametrize("cookie", ["", TOKEN, "0" * 64, "x" * 3000])
async def test_a_cookie_that_nobody_was_given_gets_nothing(cookie):
    async with desk(Access(hosts=None, token=TOKEN)) as client:
        assert (await client.get("/operation", cookies={COOKIE: cookie})).status == 401


async def test_the_cookie_of_another_process_gets_nothing():
    async with desk(Access(hosts=None, token=TOKEN)) as client:
        other = Access(hosts=None, token=TOKEN).cookie()
        assert (await client.get("/operation", cookies={COOKIE: other})).status == 401


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (f"Bearer {TOKEN}", 200),
        (f"bearer {TOKEN}", 200),
        ("Bearer wrong", 401),
        (f"Basic {TOKEN}", 401),
        ("Bearer", 401),
    ],
)
async def test_programs_send_the_token_in_a_header(header, status):
    async with desk(Access(hosts=None, token=TOKEN)) as client:
        assert (await client.get("/operation", headers={"Authorization": header})).status == status


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_no_other_site_signs_a_visitor_in(headers):
    async with desk(Access(hosts=None, token=TOKEN)) as client:
        answer = await client.post("/sign-in", data={"token": TOKEN}, headers=headers)
        assert answer.status == 403
        assert "Set-Cookie" not in answer.headers


async def test_a_form_of_many_bytes_is_refused():
    async with desk(Access(hosts=None, token=TOKEN)) as client:
        assert (await client.post("/sign-in", data={"token": "x" * 100_000})).status == 413


async def test_a_desk_without_a_token_asks_for_none():
    async with desk(Access(hosts=None)) as client:
        answer = await client.get("/sign-in", allow_redirects=False)
        assert (answer.status, answer.headers["Location"]) == (303, "/")
        assert (await client.post("/sign-in", data={"token": ""})).status == 403


@pytest.mark.parametrize(
    ("headers", "proxies", "status"),
    [
        ({"X-User": "ada"}, HERE, 200),
        ({"X-User": " "}, HERE, 403),
        ({}, HERE, 403),
        ({"X-User": "ada"}, [ipaddress.ip_network("10.0.0.0/8")], 403),
        ({"X-User": "ada"}, [], 403),
    ],
)
async def test_a_proxy_that_is_known_says_who_asks(headers, proxies, status):
    async with desk(Access(hosts=None, proxy_header="X-User", proxies=proxies)) as client:
        assert (await client.get("/", headers=headers)).status == status


@pytest.mark.parametrize("remote", ["::ffff:127.0.0.1", "127.0.0.1", "::ffff:127.9.9.9"])
def test_an_address_that_is_written_as_one_of_ipv6_is_the_same(remote):
    request = SimpleNamespace(headers={"X-User": "ada", "Host": "x"}, remote=remote)
    assert Access(hosts=None, proxy_header="X-User", proxies=HERE).verdict(request) is AccessVerdict.ANSWERED
    request.remote = None
    assert Access(hosts=None, proxy_header="X-User", proxies=HERE).verdict(request) is AccessVerdict.FOREIGN


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("desk.example", False),
        ("", False),
        ("10.0.0.1", False),
    ],
)
def test_what_listens_on_this_machine_alone(host, expected):
    assert is_loopback(host) is expected


def test_the_token_does_not_stand_where_an_error_would_print_it():
    assert TOKEN not in repr(Access(hosts=None, token=TOKEN))
