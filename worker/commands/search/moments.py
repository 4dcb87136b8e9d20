"""Times in a search query, as people type them."""

import click

from worker.commands.shell.since import BEGINNING, END, Since
from worker.search.document import LAST_INDEXABLE_SECOND


def seconds_meant(when: str) -> int:
    """The value of `since:` or `until:` in seconds since the epoch. Raises ValueError if it is not a time."""
    try:
        moment = Since().convert(when, None, None)
    except click.BadParameter as error:
        raise ValueError(error.message) from None
    if isinstance(moment, int):
        return moment // 1000
    return {BEGINNING: 0, END: LAST_INDEXABLE_SECOND + 1}[moment]
