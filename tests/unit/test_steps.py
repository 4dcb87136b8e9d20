"""Steps are noted for whoever follows a record, each in the task that works on it."""

import asyncio

import pytest

from worker.steps import Step, follow_steps, note_steps


@pytest.mark.parametrize(
    ("seconds", "steps"),
    [
        ({}, []),
        ({"decode": 1.0, "enrich": 2.0}, [Step("decode", 10, 11), Step("enrich", 11, 13)]),
        ({"decode": 1.0, "enrich": 90.0}, [Step("decode", 10, 11), Step("enrich", 11, 15)]),
        ({"decode": 0.0, "enrich": 1.0}, [Step("decode", 10, 10), Step("enrich", 10, 11)]),
        ({"decode": -1.0, "enrich": 1.0}, [Step("decode", 10, 10), Step("enrich", 10, 11)]),
        ({"decode": float("nan"), "enrich": 1.0}, [Step("decode", 10, 10), Step("enrich", 10, 11)]),
    ],
)
async def test_steps_follow_each_other_within_the_time_that_the_work_took(seconds, steps):
    followed = follow_steps()
    note_steps(seconds, 10, 15)
    assert followed == steps


async def test_tasks_side_by_side_know_nothing_of_each_others_steps():
    async def work(name: str) -> list[Step]:
        steps = follow_steps()
        await asyncio.sleep(0)
        note_steps({name: 1.0}, 0, 2)
        return steps

    found = await asyncio.gather(*(work(name) for name in "abc"))
    assert [[step.name for step in steps] for steps in found] == [["a"], ["b"], ["c"]]


async def test_where_nobody_follows_a_note_is_no_error():
    note_steps({"decode": 1.0}, 0, 2)
