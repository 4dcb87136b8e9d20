"""The topics that a worker reads, follows and writes follow from its stages and DATELINE_OUTPUTS."""

import pytest

from worker.channels import Channel
from worker.delivery.lanes.stage import topics_of
from worker.settings import Output, Settings
from worker.topology import STAGES, stages_in_force, topic_use, tuning

C = Channel


def settings(outputs: str) -> Settings:
    return Settings.from_env({"DATELINE_OUTPUTS": outputs})


def test_a_worker_reads_each_channel_in_one_stage_and_follows_what_it_keeps_up_with():
    use = topics_of(STAGES)
    assert use.reads == (C.RAW, C.ENRICHED, C.MATCHES, C.SKETCHES)
    assert use.follows == (C.RULES, C.STATE, C.STORY_STATE, C.PROGRESS)
    assert use.writes == (
        C.ENRICHED, C.ENTITIES, C.QUOTES, C.SEARCH, C.SKETCHES, C.MATCHES, C.STATE, C.ALERTS,
        C.STORY_ARTICLES, C.STORIES, C.STORY_STATE, C.DEAD, C.PROGRESS,
    )  # fmt: skip
    assert set(use.needed) == set(Channel) - {C.REDRIVEN, C.CLOCK}


@pytest.mark.parametrize(
    ("outputs", "stages", "writes"),
    [
        ("search", ["enrich"], {C.SEARCH}),
        ("enriched,quotes", ["enrich"], {C.ENRICHED, C.QUOTES}),
        ("enriched,alerts", ["enrich", "match", "alert"], {C.ENRICHED, C.MATCHES, C.ALERTS, C.STATE}),
        ("stories", ["enrich", "stories"], {C.SKETCHES, C.STORY_ARTICLES, C.STORIES, C.STORY_STATE}),
    ],
)
def test_outputs_that_are_off_are_neither_written_nor_asked_for(outputs, stages, writes):
    assert [stage.name for stage in stages_in_force(settings(outputs))] == stages
    use = topic_use(settings(outputs))
    assert set(use.writes) == writes | {C.DEAD, C.PROGRESS}
    assert use.reads == tuple(stage.reads for stage in STAGES if stage.name in stages)
    assert (C.RULES in use.needed) is ("alerts" in outputs)


def test_every_output_setting_switches_something_on():
    for output in Output:
        names = {"enriched", output.value}
        without = topic_use(settings(",".join(names - {output.value}) or "enriched"))
        with_it = topic_use(settings(",".join(names)))
        assert with_it.writes != without.writes or output is Output.ENRICHED


def test_a_stage_keeps_state_if_it_reads_again_what_it_wrote():
    assert [stage.name for stage in STAGES if stage.keeps_state] == ["alert", "stories"]


def test_every_stage_may_write_dead_letters_and_has_its_tuning():
    assert all(C.DEAD in stage.writes for stage in STAGES)
    assert set(tuning(settings("enriched"))) == {stage.name for stage in STAGES}
