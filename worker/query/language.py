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
    """A query can't be parsed or used. What is wrong in it stands from `position` to before `end`.

    Both count code points from 0. They are the same where something is missing at the end of the query.
    """

    def __init__(self, message: str, position: int, text: str = "", *, end: int | None = None) -> None:
        super().__init__(f"{message}, at character {position + 1}" if text else message)
        self.message, self.position, self.text = message, position, text
        self.end = position + 1 if end is None else end
        if text:
            self.end = max(position, min(self.end, len(text)))

    def within(self, text: str) -> "QueryError":
        """The same error in the query's whole text."""
        return QueryError(self.message, self.position, text, end=self.end)

    def pointed(self) -> str:
        """The message, the query, and marks below what is wrong in it."""
        start = max(0, self.position - 50)
        end = min(self.end, self.position + 60)
        line = re.sub(r"\s", " ", self.text[start : max(end, self.position + 30)])
        marks = " " * (self.position - start) + "^" * max(1, end - self.position)
        return f"{self}\n  {line}\n  {marks}"


@dataclass(frozen=True, slots=True)
class Term:
    """`field:value[options]`; an empty `field` stands for words of the text.

    `near`: how many other words may stand between the value's words. Positions are those in the parsed text,
    `option_positions` one for each option; the term without its options ends before `end`, and each option
    before one of `option_ends`. `sign`: what stands between field and value.
    """

    field: str
    value: str
    near: int | None = None
    options: tuple[tuple[str, str, str], ...] = ()
    position: int = dataclasses.field(default=0, compare=False)
    option_positions: tuple[int, ...] = dataclasses.field(default=(), compare=False)
    sign: str = ":"
    end: int = dataclasses.field(default=0, compare=False)
    option_ends: tuple[int, ...] = dataclasses.field(default=(), compare=False)

    def error(self, message: str, text: str = "") -> QueryError:
        """That this term is wrong, its options aside."""
        return QueryError(message, self.position, text, end=self.end)


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
        what = f"a query takes {MAX_CHARS:,} characters, got {len(text):,}"
        raise QueryError(what, MAX_CHARS, text, end=len(text))
    if not text.strip():
        raise QueryError("the query is empty", 0, text, end=0)
    _check_depth(text)
    try:
        return _Builder().transform(_parser().parse(text))
    except UnexpectedInput as error:
        position = _error_position(error, text)
        message, length = _complaint(text[position:])
        raise QueryError(message, position, text, end=position + length) from None
    except VisitError as error:
        if isinstance(error.orig_exc, QueryError):
            raise error.orig_exc.within(text) from None
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
            end = nots[0] + (1 if text[nots[0]] == "-" else len("NOT"))
            raise QueryError(f"more than {MAX_QUERY_DEPTH} NOTs around one term", nots[0], text, end=end)


def _error_position(error: UnexpectedInput, text: str) -> int:
    """The code point at which the parser stopped; the end of the text if it expected more."""
    position = error.pos_in_stream
    wanted_more = getattr(getattr(error, "token", None), "type", "") == "$END"
    return len(text.rstrip()) if position is None or position < 0 or wanted_more else position


def _complaint(rest: str) -> tuple[str, int]:
    """What is wrong at the beginning of the rest of a query, and how many characters of it are."""
    if not rest.strip():
        return "the query ends where a word, a phrase or a closing sign is missing", 0
    if rest[0] in _QUOTES:
        return "a quotation mark that is never closed", len(rest.rstrip())
    if near := re.match(r"~[^\s()\[\]]*", rest):
        return 'after a phrase "~" takes a number of words up to 999', near.end()
    if options := re.match(r"\[[^\]]*\]?|\]", rest):
        what = "options look like topic:conflict[confidence>=0.8] and follow a field's value"
        return what, len(options[0].rstrip())
    if field := re.match(r"[A-Za-z_]+:", rest):
        return f"{field[0]} takes a value right behind the colon", field.end()
    word = re.match(r'[^\s()\[\]"~]+|.', rest)
    unexpected = word[0] if word else rest[:1]
    return f"did not expect {unexpected!r} here", len(unexpected)


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

    def options(self, parts: list[Token]) -> list["_TypedOption"]:
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
            found.append(_TypedOption((name, sign, value), start + match.start(1), start + match.end(3)))
        return found

    @v_args(inline=True)
    def field(self, name: Token, value: Token, options: Sequence["_TypedOption"] = ()) -> Query:
        field = re.match(r"[A-Za-z_]+", name)
        assert field
        return Term(
            field[0].lower(),
            _spoken(value),
            options=tuple(option.said for option in options),
            position=name.start_pos or 0,
            option_positions=tuple(option.position for option in options),
            sign=name[field.end() :].strip(),
            end=_end_of(value),
            option_ends=tuple(option.end for option in options),
        )

    @v_args(inline=True)
    def words(self, value: Token, near: Token | None = None) -> Query:
        if value.type == "WORD" and value.upper() in ("AND", "OR", "NOT"):
            sign = value.upper()
            use = "exclude" if sign == "NOT" else "join"
            raise QueryError(
                f'"{value}" is a word to be found; write {sign} to {use}, '
                f'or "{value}" in quotation marks to find it',
                value.start_pos or 0,
                end=_end_of(value),
            )
        within = int(near[1:]) if near else None
        end = _end_of(near or value)
        return Term("", _spoken(value), within, position=value.start_pos or 0, end=end)


@dataclass(frozen=True, slots=True)
class _TypedOption:
    """An option as it was typed, and where it stands."""

    said: tuple[str, str, str]
    position: int
    end: int


def _end_of(token: Token) -> int:
    return token.end_pos or 0


def _check_whole(value: str, position: int) -> None:
    if sign := _WILD.search(value):
        what = "no wildcards: words are whole"
        raise QueryError(what, position + sign.start(), end=position + sign.end())


def _spoken(value: Token) -> str:
    if not value.strip():
        what = "nothing between the quotation marks"
        raise QueryError(what, value.start_pos or 0, end=_end_of(value))
    return str(value)


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", start="any", maybe_placeholders=False)
