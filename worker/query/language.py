"""The query language that alert rules and search share: parses text to a tree, and writes a tree as text.

    speaker:"Mark Rutte" AND (topic:conflict[confidence>=0.8] OR "missile strike"~5) NOT source:tabloid.test

Terms side by side must all hold, as with AND. AND binds closer than OR. `-` is short for NOT. A value with
spaces or signs is put in double quotes, straight or curled, with a backslash before a quote or a backslash.
`~5` finds the words of a phrase in any order with at most 5 other words between them. There are no wildcards.
`sources>=3` asks for a number of what COUNTED names.
"""

import dataclasses
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from lark import Lark, Token, Transformer, UnexpectedInput, v_args
from lark.exceptions import VisitError

MAX_CHARS = 20_000
MAX_QUERY_DEPTH = 40
"""How many parentheses, and how many NOTs, may stand around a term."""

COUNTED = ("sources", "reprints", "growth")
"""What has a number: a sign that compares it stands behind its name, where other fields have a colon."""

_QUOTES = '"“”„«»'
_STRING = r'"(?:[^"\\]++|\\.)*+"|[“”„](?:[^"“”„\\]++|\\.)*+[“”]|[«»](?:[^"«»\\]++|\\.)*+[«»]'
_VALUE = rf"{_STRING}|[^\s{_QUOTES},\]]+"

GRAMMAR = rf"""
?any: all (_OR all)*
?all: not (_AND? not)*
?not: (_NOT | _MINUS) not  -> negated
    | _OPEN any _CLOSE
    | FIELD value options?  -> field
    | COUNT value options?  -> field
    | value NEAR? -> words
value: STRING | WORD
options: "[" OPTION ("," OPTION)* "]"

_OPEN: "("
_CLOSE: ")"
_OR.3: /OR(?=[\s()]|$)/
_AND.3: /AND(?=[\s()]|$)/
_NOT.3: /NOT(?=[\s()]|$)/
_MINUS.3: /-(?=[^\s])/
FIELD.2: /[A-Za-z][A-Za-z_]*:(?=[^\s])/
COUNT.2: /(?i:{"|".join(COUNTED)})\s*(?:[<>]=?|=)\s*(?=[^\s])/
STRING.2: /{_STRING}/
NEAR: /~[0-9]{{1,3}}(?![^\s()])/
OPTION.2: /\s*[a-z][a-z0-9_]*\s*(?:[<>]=?|=)\s*(?:{_VALUE})\s*/
WORD: /(?!(?:AND|OR|NOT)(?![^\s()]))(?![A-Za-z_]+:(?![^\s()]))[^\s()\[\]~{_QUOTES}]+/
%ignore /\s+/
"""
# The signs that nest, and what else the lexer takes for one token, so that no sign is seen inside a word. A
# mark that is never closed takes all that follows: the parser stops there.
_NESTING = re.compile(
    rf"{_STRING}|(?P<sign>NOT(?=[\s()]|$)|-(?=\S)|[()])|[^\s()\[\]~{_QUOTES}]++|[{_QUOTES}](?s:.*+)|[\[\]~]"
)
_OPTION = re.compile(rf"\s*([a-z][a-z0-9_]*)\s*([<>]=?|=)\s*({_VALUE})\s*")
_WILD = re.compile(r"[*?]|^/.+/$")
_BARE = re.compile(rf"(?![-/]|(?i:and|or|not)$|(?i:{'|'.join(COUNTED)})[<>=])[^\s()\[\]~{_QUOTES}:\\*?]+")
_BARE_VALUE = re.compile(rf"(?![-/]|(?:AND|OR|NOT)$|[A-Za-z_]+:)[^\s()\[\]~{_QUOTES}\\*?]+")
_BARE_OPTION = re.compile(rf"(?![/=])[^\s{_QUOTES},\]\\*?]+")


class QueryError(ValueError):
    """A query can't be parsed or used. `position` counts code points from 0."""

    def __init__(self, message: str, position: int, text: str = "") -> None:
        super().__init__(f"{message}, at character {position + 1}" if text else message)
        self.message, self.position, self.text = message, position, text

    def pointed(self) -> str:
        """The message, the query, and a mark below the position of the error."""
        start = max(0, self.position - 50)
        line = re.sub(r"\s", " ", self.text[start : self.position + 30])
        return f"{self}\n  {line}\n  {' ' * (self.position - start)}^"


@dataclass(frozen=True, slots=True)
class Term:
    """`field:value[options]`; an empty `field` stands for words of the text.

    `near`: how many other words may stand between the value's words. Positions are those in the parsed text,
    `option_positions` one for each option. `sign`: what stands between field and value.
    """

    field: str
    value: str
    near: int | None = None
    options: tuple[tuple[str, str, str], ...] = ()
    position: int = dataclasses.field(default=0, compare=False)
    option_positions: tuple[int, ...] = dataclasses.field(default=(), compare=False)
    sign: str = ":"


@dataclass(frozen=True, slots=True)
class Not:
    """A part that must not hold."""

    part: "Query"


@dataclass(frozen=True, slots=True)
class AllOf:
    """Two or more parts that must all hold."""

    parts: tuple["Query", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Two or more parts, of which at least one must hold."""

    parts: tuple["Query", ...]


Query = Term | Not | AllOf | AnyOf


def parse(text: str) -> Query:
    """The tree of a query. Raises QueryError with the position of the error."""
    if len(text) > MAX_CHARS:
        raise QueryError(f"a query takes {MAX_CHARS:,} characters, got {len(text):,}", MAX_CHARS, text)
    if not text.strip():
        raise QueryError("the query is empty", 0, text)
    _check_depth(text)
    try:
        return _Builder().transform(_parser().parse(text))
    except UnexpectedInput as error:
        position = _error_position(error, text)
        raise QueryError(_complaint(text, position), position, text) from None
    except VisitError as error:
        if isinstance(error.orig_exc, QueryError):
            raise QueryError(error.orig_exc.message, error.orig_exc.position, text) from None
        raise


def unparse(query: Query) -> str:
    """The text of a tree: `parse(unparse(q)) == q`."""
    match query:
        case Term():
            return _written(query)
        case Not(part):
            return f"NOT {_enclosed(part, AllOf, AnyOf)}"
        case AllOf(parts):
            return " AND ".join(_enclosed(part, AllOf, AnyOf) for part in parts)
        case AnyOf(parts):
            return " OR ".join(_enclosed(part, AnyOf) for part in parts)


def terms(query: Query) -> Iterator[Term]:
    """All terms of a query, in the order of the text."""
    match query:
        case Term():
            yield query
        case Not(part):
            yield from terms(part)
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from terms(part)


def quote_value(value: str) -> str:
    """A value in double quotes."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _written(term: Term) -> str:
    options = ",".join(
        f"{name}{sign}{value if _BARE_OPTION.fullmatch(value) else quote_value(value)}"
        for name, sign, value in term.options
    )
    bare = (_BARE_VALUE if term.field else _BARE).fullmatch(term.value) and term.near is None
    return (
        (f"{term.field}{term.sign}" if term.field else "")
        + (term.value if bare else quote_value(term.value))
        + (f"~{term.near}" if term.near is not None else "")
        + (f"[{options}]" if options else "")
    )


def _enclosed(query: Query, *kinds: type) -> str:
    return f"({unparse(query)})" if isinstance(query, kinds) else unparse(query)


def _check_depth(text: str) -> None:
    """Raises QueryError for nesting beyond MAX_QUERY_DEPTH, before the parser's stack runs out.

    Each character is looked at a fixed number of times, whatever the text.
    """
    # The places of the NOTs around the next token; for each open parenthesis, how many stand around it.
    nots: list[int] = []
    opened: list[int] = []
    for token in _NESTING.finditer(text):
        sign = token["sign"]
        if sign == "(":
            opened.append(len(nots))
        elif sign == ")":
            del opened[-1:]
        elif sign:
            nots.append(token.start())
        if sign not in ("NOT", "-", "("):
            del nots[opened[-1] if opened else 0 :]
        if len(opened) > MAX_QUERY_DEPTH:
            raise QueryError(f"parentheses nested more than {MAX_QUERY_DEPTH} deep", token.start(), text)
        if len(nots) > MAX_QUERY_DEPTH:
            raise QueryError(f"more than {MAX_QUERY_DEPTH} NOTs around one term", nots[0], text)


def _error_position(error: UnexpectedInput, text: str) -> int:
    """The code point at which the parser stopped; the end of the text if it expected more."""
    position = error.pos_in_stream
    wanted_more = getattr(getattr(error, "token", None), "type", "") == "$END"
    return len(text.rstrip()) if position is None or position < 0 or wanted_more else position


def _complaint(text: str, position: int) -> str:
    rest = text[position:]
    if not rest.strip():
        return "the query ends where a word, a phrase or a closing sign is missing"
    if rest[0] in _QUOTES:
        return "a quotation mark that is never closed"
    if rest[0] == "~":
        return 'after a phrase "~" takes a number of words up to 999'
    if rest[0] in "[]":
        return "options look like topic:conflict[confidence>=0.8] and follow a field's value"
    if field := re.match(r"[A-Za-z_]+:", rest):
        return f"{field[0]} takes a value right behind the colon"
    word = re.match(r'[^\s()\[\]"~]+|.', rest)
    return f"did not expect {word[0] if word else rest[:1]!r} here"


class _Builder(Transformer[Token, Query]):
    """Turns the parser's tree into a Query."""

    def any(self, parts: list[Query]) -> Query:
        return AnyOf(
            tuple(inner for part in parts for inner in (part.parts if isinstance(part, AnyOf) else (part,)))
        )

    def all(self, parts: list[Query]) -> Query:
        return AllOf(
            tuple(inner for part in parts for inner in (part.parts if isinstance(part, AllOf) else (part,)))
        )

    def negated(self, parts: list[Query]) -> Query:
        return Not(parts[0])

    def value(self, parts: list[Token]) -> Token:
        token = parts[0]
        if token.type == "STRING":
            return token.update(value=_unquoted(token))
        _check_whole(token, token.start_pos or 0)
        return token

    def options(self, parts: list[Token]) -> list[tuple[tuple[str, str, str], int]]:
        found = []
        for token in parts:
            match = _OPTION.fullmatch(token)
            assert match
            name, sign, value = match.groups()
            start = token.start_pos or 0
            if value[0] in _QUOTES:
                value = _unquoted(value)
            else:
                _check_whole(value, start + match.start(3))
            found.append(((name, sign, value), start + match.start(1)))
        return found

    @v_args(inline=True)
    def field(
        self, name: Token, value: Token, options: Sequence[tuple[tuple[str, str, str], int]] = ()
    ) -> Query:
        said, positions = tuple(said for said, _ in options), tuple(position for _, position in options)
        field = re.match(r"[A-Za-z_]+", name)
        assert field
        sign = name[field.end() :].strip()
        return Term(field[0].lower(), _spoken(value), None, said, name.start_pos or 0, positions, sign)

    @v_args(inline=True)
    def words(self, value: Token, near: Token | None = None) -> Query:
        if value.type == "WORD" and value.upper() in ("AND", "OR", "NOT"):
            sign = value.upper()
            use = "exclude" if sign == "NOT" else "join"
            raise QueryError(
                f'"{value}" is a word to be found; write {sign} to {use}, '
                f'or "{value}" in quotation marks to find it',
                value.start_pos or 0,
            )
        return Term("", _spoken(value), int(near[1:]) if near else None, (), value.start_pos or 0)


def _check_whole(value: str, position: int) -> None:
    if sign := _WILD.search(value):
        raise QueryError("no wildcards: words are whole", position + sign.start())


def _spoken(value: Token) -> str:
    if not value.strip():
        raise QueryError("nothing between the quotation marks", value.start_pos or 0)
    return str(value)


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", start="any", maybe_placeholders=False)
