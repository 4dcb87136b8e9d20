"""Every kind of fault once, in one run of the harness that proves delivery: `make faults` in short."""

import logging
import os

import pytest

from tests.faults.cluster import Cluster
from tests.faults.fleet import Fleet
from tests.faults.kinds import FAULT_KINDS
from tests.faults.run import Run, schedule_of


@pytest.fixture
def cluster():
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    started = Cluster(os.environ.get("DATELINE_TEST_KAFKA"))
    yield started
    started.close()
    logging.getLogger("aiokafka").setLevel(logging.NOTSET)


@pytest.mark.timeout(900)
async def test_every_kind_of_fault_once_loses_nothing_and_repeats_nothing(cluster):
    schedule = schedule_of(seed=7, faults=len(FAULT_KINDS))
    assert sorted(schedule) == sorted(FAULT_KINDS)
    # Little is fed, and several articles at once: most of what the run takes of a processor are transactions.
    # A pause lets chance choose the moment that a fault strikes; what recovery takes is waited for besides.
    fleet = Fleet(cluster, seed=7, per_second=8, sends_a_second=2, partitions=2, forked=True)
    report = await Run(fleet, overlap=0.5, pause_seconds=(0.2, 0.8)).execute(schedule)
    assert report["first_problems"] == []
    assert (report["lost"], report["twice"], report["unexplained"]) == (0, 0, 0)
    assert (report["alerts_missed"], report["alerts_twice"], report["alerts_wrong"]) == (0, 0, 0)
    assert report["inputs"] > 1000
    # `dateline trace` explains each of them, letters, what was sent back, and alerts among them.
    assert (report["untraced"], sum(report["traced"].values())) == (0, report["inputs"])
    assert report["traced"]["dead letter"] == sum(report["dead_letters"].values())
    assert report["traced_alerts"] > 500
    assert report["traced_sent_back"] > 5
    assert report["matches"] > 2000
    assert report["kept_back"] > 100
    assert report["overruns"] == 3
    assert report["gaps"] > 0
    assert report["aborted_upstream"] > 0
    assert report["offset_checks"] > 5
    assert set(report["dead_letters"]) == {
        "invalid",
        "enrichment-failed",
        "enrichment-killed",
        "publish-rejected",
        "too-large",
    }
