"""The codes of the top-level IPTC Media Topics."""

from __future__ import annotations

CODES = tuple(f"medtop:{number:02d}000000" for number in range(1, 18))
"""In the order of the encoder's topic scores. Names: worker/records/data, definitions: https://iptc.org."""
