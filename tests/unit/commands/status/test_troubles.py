"""What of a group needs a person, and what does not."""

import pytest

from tests.unit.commands.status.looks import look, partition, stage
from worker.commands.status.look import SettingDiffers
from worker.commands.status.troubles import troubles


def kinds(seen):
    return [trouble.kind.value for trouble in troubles(seen)]


GROWN = {"lag": 500, "oldest_min": 4, "offsets_then": 100}
HELD_UP = {"lag": 3, "oldest_min": 7, "delivered_min": None, "offsets_then": 3}


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (look(), []),
        (look(stage(partition(lag=3, oldest_min=0.1))), []),
        # A long queue that does not grow is what backlogs are for.
        (look(stage(partition(lag=90_000, oldest_min=300, offsets_then=90_100))), []),
        (look(stage(partition(**GROWN))), ["lag-grows"]),
        # As the offsets of all partitions together.
        (look(stage(partition(**GROWN), partition(1, lag=10, oldest_min=4, offsets_then=800))), []),
        # Records that came a moment ago have not been waited for.
        (look(stage(partition(**GROWN | {"oldest_min": 0.5}))), []),
        # A batch more or less is no growth, nor is a tenth of a long queue.
        (look(stage(partition(**GROWN | {"lag": 108}))), []),
        (look(stage(partition(**GROWN | {"lag": 1050, "offsets_then": 1000}))), []),
        # Where it is not known how it was five minutes ago, nothing is said.
        (look(stage(partition(**GROWN | {"offsets_then": None}))), []),
        # Transaction markers alone never wait, however many.
        (look(stage(partition(lag=0, offsets=500, oldest_min=None))), []),
        (look(stage(partition(**HELD_UP))), ["held-up"]),
        # It delivers, or nothing waits, or not for long, or nobody knows how it was.
        (look(stage(partition(**HELD_UP | {"delivered_min": 1}))), []),
        (look(stage(partition(**HELD_UP | {"lag": 0, "oldest_min": None}))), []),
        (look(stage(partition(**HELD_UP | {"oldest_min": 4}))), []),
        (look(stage(partition(**HELD_UP | {"offsets_then": None}))), []),
        # Without a worker nothing else can be expected.
        (look(stage(partition(**HELD_UP | {"worker": None}))), ["no-worker"]),
        (look(stage(partition(), partition(1, worker=None))), ["no-worker"]),
        (look(stage(partition(worker=None)), stage(partition(worker=None), name="match")), ["no-worker"] * 2),
        (look(stage(partition(worker=None)), is_rebalancing=True), ["rebalancing"]),
        (look(missing=("news.articles.enriched.v1",)), ["topic-missing"]),
        (look(reasons={"invalid": 40, "withheld": 3, "too-large": 1, "publish-rejected": 1}), []),
        (look(reasons={"enrichment-failed": 1, "invalid": 2}), ["dead-letters"]),
        (look(reasons={"enrichment-failed": 1, "enrichment-killed": 2}), ["dead-letters"] * 2),
        (look(differences=(SettingDiffers("ops-2/7", "version", "0.2.0", "0.1.0"),)), ["settings-differ"]),
    ],
)
def test_what_needs_a_person_is_told(seen, expected):
    assert kinds(seen) == expected


@pytest.mark.parametrize(
    ("seen", "text"),
    [
        (look(stage(partition(worker=None))), "stage enrich: no worker reads news.articles.raw.v1"),
        (
            look(stage(partition(), *(partition(number, worker=None) for number in (3, 4)))),
            "stage enrich: no worker reads news.articles.raw.v1/3, /4",
        ),
        (
            look(stage(partition(**GROWN))),
            "stage enrich: lag grows, from 100 offsets five minutes ago to 500; the oldest record has waited "
            "for 4 min",
        ),
        (
            look(stage(partition(7, **HELD_UP))),
            "stage enrich: news.articles.raw.v1/7 is held up, its worker ops-1/4711 has delivered nothing "
            "for five minutes; its oldest record, at offset 100, has waited for 7 min",
        ),
        (
            look(reasons={"enrichment-killed": 2}),
            "2 enrichment-killed in the last hour; `dateline dead-letters list --reason enrichment-killed`",
        ),
        (
            look(differences=(SettingDiffers("ops-2/7", "DATELINE_MAX_TEXT_CHARS", "9", "10"),)),
            "DATELINE_MAX_TEXT_CHARS of ops-2/7 is '9', '10' in the group",
        ),
    ],
)
def test_a_trouble_is_a_line_that_says_where(seen, text):
    assert [trouble.text for trouble in troubles(seen)] == [text]
