"""Reads colours of styles, as far as it takes to tell that a text has that of its background."""

import re
from typing import NamedTuple

# No eye tells colours this close to each other.
_MAX_DISTANCE = 12
_HEX = re.compile(r"#([0-9a-f]{3,8})\b")
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})[\s,/]*([\d.]{1,10}%?)?")
_WORD = re.compile(r"[a-z]+")
# Black, white, and what is next to white.
_NAMES = {
    "white": (255, 255, 255),
    "snow": (255, 250, 250),
    "ivory": (255, 255, 240),
    "ghostwhite": (248, 248, 255),
    "floralwhite": (255, 250, 240),
    "mintcream": (245, 255, 250),
    "azure": (240, 255, 255),
    "whitesmoke": (245, 245, 245),
    "black": (0, 0, 0),
}


class Color(NamedTuple):
    """Red, green and blue from 0 to 255."""

    red: int
    green: int
    blue: int

    def looks_like(self, other: "Color") -> bool:
        """Whether a text of one colour can't be seen on the other."""
        return all(abs(a - b) <= _MAX_DISTANCE for a, b in zip(self, other, strict=True))


WHITE = Color(255, 255, 255)


def is_transparent(value: str) -> bool:
    """Whether nothing at all is painted in this colour."""
    rgb = _RGB.match(value)
    return value.startswith("transparent") or bool(rgb and rgb[4] and not rgb[4].strip("0.%"))


def read_color(value: str) -> Color | None:
    """The colour that a value begins with; None for one that is not known here, a picture or a variable."""
    if rgb := _RGB.match(value):
        return Color(*(int(part) for part in rgb.groups()[:3]))
    if (found := _HEX.match(value)) and len(found[1]) in (3, 4, 6, 8):
        digits = found[1] if len(found[1]) > 4 else "".join(digit * 2 for digit in found[1])
        return Color(*(int(digits[at : at + 2], 16) for at in (0, 2, 4)))
    name = _WORD.match(value)
    return Color(*_NAMES[name[0]]) if name and name[0] in _NAMES else None
