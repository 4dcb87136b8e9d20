"""What a desk of these tests shows where a test says nothing else."""

import pytest

from tests.unit.desk.desks import FakeSource, placed
from worker.desk.live import Live


@pytest.fixture
def live():
    live = Live()
    live.take_article(placed(0))
    live.set_reads(True)
    return live


@pytest.fixture
def source():
    return FakeSource()
