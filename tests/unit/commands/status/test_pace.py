"""Where a partition stood five minutes ago, and how fast it is delivered."""

import pytest

from worker.commands.status.pace import Pace, pace_of
from worker.records.progress import GroupProgress, Lately

NOW_MS = 10_000_000
AGO_MS = NOW_MS - 300_000
WINDOW_MS = NOW_MS - 330_000


def told(seconds_ago, offset, *lately):
    """A record of progress; `lately`: seconds, offset, records."""
    fields = dict(zip(("seconds", "offset", "records"), lately, strict=False))
    progress = GroupProgress(
        group="g", offset=offset, topic_id="", since=None, lately=Lately(**fields) if fields else None
    )
    return NOW_MS - seconds_ago * 1000, progress


@pytest.mark.parametrize(
    ("records", "pace"),
    [
        # Nothing was delivered, so it stood where it stands.
        ([], Pace(None, 0.0, (AGO_MS, 50))),
        # The newest says where it stood 300 s before, a little longer than five minutes ago.
        ([told(20, 50, 300, 30, 16)], Pace(NOW_MS - 20_000, 0.05, (NOW_MS - 320_000, 30))),
        # Of several moments before five minutes ago the last one counts.
        (
            [told(310, 40, 300, 1, 9), told(20, 50, 300, 30, 16)],
            Pace(NOW_MS - 20_000, 0.05, (NOW_MS - 310_000, 40)),
        ),
        # Its lane began a minute ago: an older record says more, if compaction has left one.
        ([told(20, 50, 60, 48, 2)], Pace(NOW_MS - 20_000, 0.025, None)),
        (
            [told(100, 48, 300, 9, 30), told(20, 50, 60, 48, 2)],
            Pace(NOW_MS - 20_000, 0.025, (NOW_MS - 400_000, 9)),
        ),
        # The last delivery is over five minutes ago.
        ([told(310, 50, 300, 30, 16)], Pace(None, 0.0, (NOW_MS - 310_000, 50))),
        # A lane that began a moment ago has delivered nothing yet.
        ([told(20, 50, 0, 50, 0)], Pace(None, 0.0, None)),
        # Workers of versions before do not say.
        ([told(20, 50)], Pace(NOW_MS - 20_000, None, None)),
        ([told(305, 40), told(20, 50)], Pace(NOW_MS - 20_000, None, (NOW_MS - 305_000, 40))),
        # A record from a clock that is ahead counts as now; one of this moment is no division by zero.
        ([told(-5, 50, 0, 50, 3)], Pace(NOW_MS + 5_000, 3.0, None)),
    ],
)
def test_the_progress_of_the_last_minutes_tells_the_pace(records, pace):
    assert pace_of(records, 50, now_ms=NOW_MS, window_ms=WINDOW_MS) == pace


def test_where_not_all_progress_was_read_silence_says_nothing_of_five_minutes_ago():
    assert pace_of([], 50, now_ms=NOW_MS, window_ms=NOW_MS - 100_000) == Pace(None, 0.0, None)
