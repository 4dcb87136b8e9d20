"""Which requests are answered: from this machine alone, with a token, or from a proxy that names who asks."""

import hashlib
import hmac
import ipaddress
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from urllib.parse import urlsplit

from aiohttp import web

COOKIE = "dateline-desk"
LEAST_TOKEN_CHARS = 16
MOST_VISITOR_CHARS = 200
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_HOST = re.compile(r"\[([0-9a-fA-F:.]+)\](?::\d{1,5})?|([^:/?#@\[\]\\\s]+)(?::\d{1,5})?")

IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


class AccessVerdict(Enum):
    """What becomes of a request."""

    ANSWERED = auto()
    WRONG_HOST = auto()
    FOREIGN = auto()
    UNNAMED = auto()
    NO_TOKEN = auto()


@dataclass(frozen=True)
class Access:
    """The conditions of an answer. `hosts`: what the Host header may name; None: anything.

    `token`: what a visitor has to show once. `proxy_header`: the header in which a proxy names who asks, and
    `proxies` where it may come from.
    """

    hosts: frozenset[str] | None
    token: str | None = field(default=None, repr=False)
    proxy_header: str | None = None
    proxies: Sequence[IpNetwork] = ()
    # Of this process alone: who has the cookie of an earlier one shows the token again.
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def verdict(self, request: web.Request) -> AccessVerdict:
        """Looks at the headers and at where the request comes from."""
        # A page of another host may let its name lead here, to have a visitor's browser read what is here.
        if self.hosts is not None and _host_of(request.headers.get("Host", "")) not in self.hosts:
            return AccessVerdict.WRONG_HOST
        if self.proxy_header is not None:
            if not self._is_proxy(request.remote):
                return AccessVerdict.FOREIGN
            if not request.headers.get(self.proxy_header, "").strip():
                return AccessVerdict.UNNAMED
        if self.token is not None and not self._has_token(request):
            return AccessVerdict.NO_TOKEN
        return AccessVerdict.ANSWERED

    def is_token(self, said: str) -> bool:
        """Whether it is the token, in a time that does not depend on how much of it is right."""
        return self.token is not None and hmac.compare_digest(_digest(said), _digest(self.token))

    def cookie(self) -> str:
        """What a visitor who has shown the token gets: it does not tell the token."""
        return hmac.new(self._key, (self.token or "").encode(), hashlib.sha256).hexdigest()

    def visitor(self, request: web.Request) -> str:
        """Who asks, as the proxy names them, in MOST_VISITOR_CHARS; empty where no proxy does."""
        if self.proxy_header is None:
            return ""
        said = request.headers.get(self.proxy_header, "").strip()[:MOST_VISITOR_CHARS]
        return "".join(char if char.isprintable() else "\ufffd" for char in said)

    def form_token(self, request: web.Request) -> str:
        """What shows that a form is from a page that this visitor was given: other sites can't read it."""
        named = f"form\0{self.visitor(request)}\0{self.cookie() if self.token else ''}"
        return hmac.new(self._key, named.encode(), hashlib.sha256).hexdigest()

    def is_form_token(self, request: web.Request, said: str) -> bool:
        return hmac.compare_digest(_digest(said), _digest(self.form_token(request)))

    def _has_token(self, request: web.Request) -> bool:
        scheme, _, said = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self.is_token(said.strip()):
            return True
        return hmac.compare_digest(_digest(request.cookies.get(COOKIE, "")), _digest(self.cookie()))

    def _is_proxy(self, address: str | None) -> bool:
        try:
            comes_from = ipaddress.ip_address((address or "").partition("%")[0])
        except ValueError:
            return False
        mapped = getattr(comes_from, "ipv4_mapped", None) or comes_from
        return any(mapped in network for network in self.proxies)


def loopback_hosts(names: Sequence[str]) -> frozenset[str]:
    """The hosts that a request to the loopback interface may name: its own, and these."""
    return _LOOPBACK_NAMES | {name.lower() for name in names}


def is_loopback(host: str) -> bool:
    """Whether a host to listen on is this machine's own."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def comes_from_here(request: web.Request) -> bool:
    """Whether a form was sent from a page of this host. Browsers say where; programs need not."""
    if (site := request.headers.get("Sec-Fetch-Site")) is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc.lower() == request.headers.get("Host", "").lower()


def _host_of(header: str) -> str:
    """The host that a Host header names, without its port; empty for anything else."""
    match = _HOST.fullmatch(header)
    return (match[1] or match[2]).lower() if match else ""


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="surrogateescape")).digest()
