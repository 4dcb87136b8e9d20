"""Makes an id for an article whose publisher gave none: the same article always gets the same id."""

import hashlib
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_TRACKING = frozenset(
    {"fbclid", "gclid", "dclid", "msclkid", "yclid", "igshid", "mc_cid", "mc_eid", "cmpid", "ref_src"}
)


def article_id(*, url: str | None, text: str) -> str:
    """`url-<hash of the canonical url>`, or `text-<hash of the text>` without a url; 128 bits in hex."""
    if url:
        return "url-" + _digest(canonical_url(url))
    return "text-" + _digest(text)


def canonical_url(url: str) -> str:
    """The url without the parts that do not change which article it leads to.

    Scheme and host are in lower case, and http becomes https. There is no default port, user, fragment,
    tracking parameter (`utm_*`, `fbclid`, ...) or slash at the end of the path; other parameters are sorted.
    A text that is no url is returned unchanged.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return url
    if not parts.scheme or not parts.hostname:
        return url
    scheme = parts.scheme.lower()
    host = parts.hostname
    if port is not None and port != _DEFAULT_PORTS.get(scheme):
        host = f"{host}:{port}"
    if scheme == "http":
        scheme = "https"
    query = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True, errors="surrogateescape")
        if not name.lower().startswith("utm_") and name.lower() not in _TRACKING
    ]
    path = quote(parts.path.rstrip("/"), safe="/%:@!$&'()*+,;=~-._", errors="surrogatepass")
    return urlunsplit((scheme, host, path, urlencode(sorted(query), errors="surrogateescape"), ""))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]
