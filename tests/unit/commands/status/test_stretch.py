"""Lag is a number of records, whatever else takes offsets."""

import pytest

from worker.commands.status.stretch import Stretch


@pytest.mark.parametrize(
    ("stretch", "records"),
    [
        (Stretch(start=5, end=5, position=5), 0),
        # Behind the last record there is only the marker of its transaction.
        (Stretch(start=5, end=6, position=6), 0),
        (Stretch(start=5, end=105, position=105, read=50), 50),
        # Half of what was read were markers, so half of the rest will be.
        (Stretch(start=0, end=10_000, position=2000, read=1000), 5000),
        (Stretch(start=0, end=10_000, position=1000, read=1000), 10_000),
        # Nothing could be read in time: as many as there are offsets.
        (Stretch(start=0, end=300, position=0), 300),
    ],
)
def test_what_waits_is_counted_or_reckoned(stretch, records):
    assert stretch.records == records
