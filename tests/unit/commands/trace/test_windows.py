"""The times at which topics are read: each once, however many records ask for them."""

import pytest

from worker.commands.shell.part_reader import TimeWindow, united


@pytest.mark.parametrize(
    ("windows", "expected"),
    [
        ([], []),
        ([TimeWindow(10, 20)], [TimeWindow(10, 20)]),
        ([TimeWindow(30, 40), TimeWindow(10, 20)], [TimeWindow(10, 20), TimeWindow(30, 40)]),
        ([TimeWindow(10, 20), TimeWindow(15, 18), TimeWindow(20, 25)], [TimeWindow(10, 25)]),
        ([TimeWindow(None, 20), TimeWindow(5, 30)], [TimeWindow(None, 30)]),
        (
            [TimeWindow(10, None), TimeWindow(50, 60), TimeWindow(5, 7)],
            [TimeWindow(5, 7), TimeWindow(10, None)],
        ),
    ],
)
def test_times_that_overlap_are_read_once(windows, expected):
    assert united(windows) == expected
