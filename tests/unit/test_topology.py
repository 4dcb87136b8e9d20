"""The topics that a worker reads, follows and writes follow from its stages and DATELINE_OUTPUTS."""

import re
from pathlib import Path

import pytest

from worker.channels import Channel, channel_called, short_name
from worker.delivery.lanes.stage import topics_of
from worker.records.messages import FIRST_STEPS, FailedStep
from worker.settings import Output, Settings
from worker.topology import STAGES, rights, stages_in_force, topic_use, tuning

C = Channel
RIGHTS_PAGE = Path(__file__).parents[2] / "docs" / "security.md"


def settings(outputs: str) -> Settings:
    return Settings.from_env({"DATELINE_OUTPUTS": outputs})


def test_a_worker_reads_each_channel_in_one_stage_and_follows_what_it_keeps_up_with():
    use = topics_of(STAGES)
    assert use.reads == (C.RAW, C.ENRICHED, C.MATCHES, C.SKETCHES, C.STORIES, C.TREND_NOTES)
    assert use.follows == (C.RULES, C.STATE, C.STORY_STATE, C.STORY_RULE_STATE, C.TREND_STATE, C.PROGRESS)
    assert use.writes == (
        C.ENRICHED, C.ENTITIES, C.QUOTES, C.SEARCH, C.SKETCHES, C.MATCHES, C.STATE, C.ALERTS,
        C.STORY_ARTICLES, C.STORIES, C.TREND_NOTES, C.STORY_STATE, C.STORY_RULE_STATE, C.TRENDS,
        C.TREND_STATE, C.DEAD, C.PROGRESS,
    )  # fmt: skip
    assert set(use.needed) == set(Channel) - {C.REDRIVEN, C.CLOCK}


@pytest.mark.parametrize(
    ("outputs", "stages", "writes"),
    [
        ("search", ["enrich"], {C.SEARCH}),
        ("enriched,quotes", ["enrich"], {C.ENRICHED, C.QUOTES}),
        ("enriched,alerts", ["enrich", "match", "alert"], {C.ENRICHED, C.MATCHES, C.ALERTS, C.STATE}),
        ("stories", ["enrich", "stories"], {C.SKETCHES, C.STORY_ARTICLES, C.STORIES, C.STORY_STATE}),
        (
            "enriched,alerts,stories",
            ["enrich", "match", "alert", "stories", "story-rules"],
            {
                C.ENRICHED,
                C.MATCHES,
                C.ALERTS,
                C.STATE,
                C.SKETCHES,
                C.STORY_ARTICLES,
                C.STORIES,
                C.STORY_STATE,
                C.STORY_RULE_STATE,
            },
        ),
        (
            "stories,trends",
            ["enrich", "stories", "trends"],
            {
                C.SKETCHES,
                C.STORY_ARTICLES,
                C.STORIES,
                C.STORY_STATE,
                C.TREND_NOTES,
                C.TRENDS,
                C.TREND_STATE,
            },
        ),
    ],
)
def test_outputs_that_are_off_are_neither_written_nor_asked_for(outputs, stages, writes):
    assert [stage.name for stage in stages_in_force(settings(outputs))] == stages
    use = topic_use(settings(outputs))
    assert set(use.writes) == writes | {C.DEAD, C.PROGRESS}
    assert use.reads == tuple(stage.reads for stage in STAGES if stage.name in stages)
    assert (C.RULES in use.needed) is ("alerts" in outputs)


def test_what_can_t_be_read_at_all_fails_at_the_step_of_the_stage_that_reads_it():
    """A stage of another name fails at a step of its own, but for those that match rules."""
    steps = {stage.name: FIRST_STEPS[stage.reads] for stage in STAGES}
    alerting = dict.fromkeys(("match", "alert", "story-rules"), FailedStep.ALERT)
    own = {"enrich": FailedStep.DECODE, "stories": FailedStep.STORIES, "trends": FailedStep.TRENDS}
    assert steps == alerting | own
    assert {*steps.values(), FailedStep.ENRICH, FailedStep.PUBLISH} == set(FailedStep)


def test_every_output_setting_switches_something_on():
    for output in Output:
        names = (
            {"enriched", "stories", output.value} if output is Output.TRENDS else {"enriched", output.value}
        )
        without = topic_use(settings(",".join(names - {output.value}) or "enriched"))
        with_it = topic_use(settings(",".join(names)))
        assert with_it.writes != without.writes or output is Output.ENRICHED


def test_a_stage_keeps_state_if_it_reads_again_what_it_wrote():
    assert [stage.name for stage in STAGES if stage.keeps_state] == [
        "alert",
        "stories",
        "story-rules",
        "trends",
    ]


def test_every_stage_may_write_dead_letters_and_has_its_tuning():
    assert all(C.DEAD in stage.writes for stage in STAGES)
    assert set(tuning(settings("enriched"))) == {stage.name for stage in STAGES}


def test_the_rights_that_follow_from_the_stages_are_those_that_the_page_lists_and_a_cluster_is_asked_for():
    rows = (line.strip("| ").split(" | ") for line in RIGHTS_PAGE.read_text(encoding="utf-8").splitlines())
    listed = {tuple(row[1:5]) for row in rows if row[0] == "User:worker"}
    derived = rights(Settings.from_env({"DATELINE_OUTPUTS": ",".join(Output)}))
    assert {(one.operation, one.resource, one.name, one.pattern) for one in derived} == listed


def test_a_worker_without_transactions_needs_no_transactional_id():
    at_least_once = Settings.from_env({"DATELINE_DELIVERY": "at-least-once", "DATELINE_GROUP": "desk"})
    assert {one.resource: one.name for one in rights(at_least_once) if one.resource != "Topic"} == {
        "Group": "desk"
    }


@pytest.mark.parametrize("channel", Channel)
def test_a_topic_is_called_by_its_short_name_in_either_spelling(channel):
    assert channel_called(short_name(channel)) is channel
    assert channel_called(channel.name.lower()) is channel


def test_the_pages_tap_topics_by_names_that_there_are():
    pages = [Path("README.md"), *Path("docs").glob("*.md")]
    named = {
        name
        for page in pages
        for name in re.findall(r"dateline tap ([a-z][a-z_-]*)\b(?!\.)", page.read_text())
    }
    assert {"raw", "stories", "story-articles"} <= named
    assert [name for name in named if channel_called(name) is None] == []
