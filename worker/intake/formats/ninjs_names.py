"""The names in a ninjs item: 1.x and 2.x write them in lower case, 3.x as `versionCreated`."""

import re
from collections.abc import Mapping
from typing import Any

from worker.intake.errors import FieldError
from worker.intake.json_text import json_type


class Fields:
    """An object's fields by their names in lower case. What is taken is no longer in `rest`."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.rest = {key: value for key, value in given.items() if value is not None}
        self._keys: dict[str, str] = {}
        for key in self.rest:
            lower = key.lower()
            # Where there are two, the one in lower case counts.
            if key == lower or lower not in self._keys:
                self._keys[lower] = key

    def __contains__(self, name: str) -> bool:
        return name in self._keys

    def key(self, name: str) -> str:
        """The name as the object writes it."""
        return self._keys.get(name, name)

    def get(self, name: str) -> Any:
        """The value, None where there is none."""
        return self.rest.get(self.key(name))

    def take(self, name: str) -> Any:
        """The value, which is then no longer there."""
        return self.rest.pop(self.key(name), None)

    def take_text(self, name: str) -> str | None:
        """The string, which is then no longer there. Raises FieldError if it is something else."""
        value = self.take(name)
        if value is not None and not isinstance(value, str):
            raise FieldError(f"{self.key(name)} takes a string, got {json_type(value)}")
        return value

    def objects(self, name: str) -> list[dict[str, Any]]:
        """The objects of an array; none if it is missing. Raises FieldError if it is something else."""
        value = self.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            raise FieldError(f"{self.key(name)} takes an array of objects, got {json_type(value)}")
        return value

    def leave(self, name: str, entries: list[dict[str, Any]]) -> None:
        """Leaves these of an array's objects, behind all other fields; none at all if there are none."""
        key = self.key(name)
        self.rest.pop(key, None)
        if entries:
            self.rest[key] = entries


def local_name(name: Any) -> str:
    """The last part of a code or an address, in lower case: `main` of `drol:main`. Empty for none."""
    return re.split("[:/#]", name)[-1].strip().lower() if isinstance(name, str) else ""
