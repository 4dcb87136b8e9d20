"""Finds the formats: every module of this folder that has a `INPUT_FORMAT`. A new format is a new module."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from worker.intake import formats
from worker.intake.formats.format import Format, Item, Syntax
from worker.intake.xml_text import parse_xml


@cache
def all_formats() -> tuple[Format[Any], ...]:
    """By syntax and name; within a syntax, the one that takes what no other recognises comes last."""
    modules = (
        import_module(f"{formats.__name__}.{module.name}") for module in iter_modules(formats.__path__)
    )
    found = [module.INPUT_FORMAT for module in modules if hasattr(module, "INPUT_FORMAT")]
    return tuple(sorted(found, key=lambda a: (a.syntax.value, a.recognizes is None, a.name)))


@cache
def _formats_by_syntax() -> dict[Syntax, tuple[Format[Any], ...]]:
    return {syntax: tuple(known for known in all_formats() if known.syntax is syntax) for syntax in Syntax}


@cache
def _syntax_by_media_type() -> dict[str, Syntax]:
    return {media_type: known.syntax for known in all_formats() for media_type in known.media_types}


def syntax_of(media_type: str) -> Syntax | None:
    """The syntax of documents of a media type, in lower case; None if no format has it."""
    known = _syntax_by_media_type().get(media_type)
    return Syntax.JSON if known is None and media_type.endswith("+json") else known


def read_as_format(syntax: Syntax, document: Any) -> Item:
    """What the document says, in the first format that recognises it. Raises IntakeError.

    `document`: of JSON its object, else the text.
    """
    if syntax is Syntax.XML:
        document = parse_xml(document)
    for known in _formats_by_syntax()[syntax]:
        if known.recognizes is None or known.recognizes(document):
            return known.read(document)
    raise AssertionError(f"no format takes what no other recognises in {syntax}")
