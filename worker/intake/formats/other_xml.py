"""XML of any other kind: it is named and refused, since which of its elements is a text can't be known."""

from typing import Any

from worker.intake.errors import UndecodableError
from worker.intake.formats.format import Format, Item, Syntax
from worker.intake.xml_text import local

_MAX_NAME_CHARS = 60


def refuse_other_xml(root: Any) -> Item:
    """Raises UndecodableError with the root element's name."""
    raise UndecodableError(
        f"the value is XML with the root element {local(root)[:_MAX_NAME_CHARS]}: of XML, NITF, NewsML-G2, "
        "RSS, Atom and XHTML are read"
    )


INPUT_FORMAT = Format("other-xml", Syntax.XML, refuse_other_xml)
