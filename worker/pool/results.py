"""Reads what a child answers. What it read may have taken it over, so nothing that it sends is run."""

import io
import pickle
from collections.abc import Iterable
from typing import Any


class ResultReader:
    """Unpickles plain data and objects of the given classes, and refuses every other name.

    An ordinary unpickler would call whatever function the bytes name.
    """

    def __init__(self, classes: Iterable[type] = ()) -> None:
        self._classes = {(one.__module__, one.__qualname__): one for one in classes}

    def read(self, payload: bytes) -> Any:
        """The value. Raises UnpicklingError for a name that is not expected, and others for broken bytes."""
        return _Unpickler(io.BytesIO(payload), self._classes).load()


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, classes: dict[tuple[str, str], type]) -> None:
        super().__init__(file)
        self._classes = classes

    def find_class(self, module: str, name: str) -> Any:
        # Looked up whole: a dotted name would lead from a class to its methods and what these know.
        found = self._classes.get((module, name))
        if found is None:
            raise pickle.UnpicklingError(f"{module}.{name} is not expected in a result")
        return found
