"""Members of a group compare what shapes their records: whose outputs hold, who is refused, what is told."""

import itertools

import pytest
from aiokafka.cluster import ClusterMetadata
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.protocol.metadata import MetadataResponse_v0

from worker.delivery.kafka.group.agreement import Agreement
from worker.delivery.kafka.group.assignor import AgreeingAssignor
from worker.delivery.kafka.group.member_settings import MemberSettings, eldest, read_member
from worker.enrichment_config import EnrichmentConfig
from worker.languages import languages_by_default
from worker.settings import Delivery, Output, Settings, variable_name

ON = ",".join(languages_by_default())
"""The languages that are on by default."""

ALL = "enriched,entities,quotes,search,alerts,stories"
FEW = "enriched,search"


def a_member(outputs=ALL, *, since=None, known=ALL, pipeline="1.0", prefix="news.", **values):
    return MemberSettings(
        prefix=prefix,
        known=frozenset(known.split(",")),
        outputs=frozenset(outputs.split(",")),
        values={"pipeline": pipeline, **values},
        since=since,
    )


def a_worker(pipeline="1.0", generation=1, **variables):
    """A worker's agreement and its assignor; `generation` is the group's as the worker knows it."""
    settings = Settings.from_env({f"DATELINE_{name}": value for name, value in variables.items()})
    agreement = Agreement(settings, lambda: pipeline)
    return agreement, AgreeingAssignor(Delivery.EXACTLY_ONCE, agreement, lambda: generation)


def a_cluster(topic="news.articles.raw.v1", partitions=4):
    cluster = ClusterMetadata(metadata_max_age_ms=1000)
    rows = [(0, number, 1, [1], [1]) for number in range(partitions)]
    cluster.update_metadata(MetadataResponse_v0([(1, "localhost", 9092)], [(0, topic, rows)]))
    return cluster


def joined(leader, others, topic="news.articles.raw.v1"):
    """What each gets if these assignors form a group and `leader` leads it: the partitions, by name."""
    metadata = {name: assignor.metadata([topic]) for name, assignor in others.items()}
    # What the brokers pass on are bytes.
    metadata = {name: type(each).decode(each.encode()) for name, each in metadata.items()}
    assignments = others[leader].assign(a_cluster(topic), metadata)
    for name, assignor in others.items():
        assignor.on_assignment(type(assignments[name]).decode(assignments[name].encode()))
    return {name: [tp.partition for tp in assignments[name].partitions()] for name in others}


def test_what_a_member_tells_is_read_back_and_what_later_versions_add_is_ignored():
    member = a_member(since=3, DATELINE_LANGUAGE="en")
    assert read_member(member.to_bytes()) == member
    assert read_member(member.to_bytes()[:-1] + b',"later":{"a":1}}') == member


@pytest.mark.parametrize("told", [None, b"", b"{}", b"\xff", b'{"prefix": 1}', b"[]"])
def test_a_member_that_tells_nothing_readable_tells_nothing(told):
    assert read_member(told) is None


@pytest.mark.parametrize(
    ("members", "outputs"),
    [
        pytest.param([a_member(FEW, since=9), a_member(ALL)], FEW, id="there already"),
        pytest.param([a_member(FEW, since=9), *[a_member(ALL)] * 3], FEW, id="there, and many newcomers"),
        pytest.param([a_member(FEW), a_member(FEW), a_member(ALL)], FEW, id="newcomers: the most of them"),
        pytest.param([a_member(FEW), a_member(ALL)], ALL, id="newcomers: the most outputs"),
        pytest.param([a_member("search"), a_member("quotes")], "quotes", id="newcomers: at least the same"),
        pytest.param([a_member(FEW, since=3), a_member(ALL, since=4)], FEW, id="both there: the first"),
        pytest.param(
            [a_member(FEW, since=3), a_member(ALL, since=8), a_member(ALL, since=8)],
            ALL,
            id="one that thaws in a group started anew: the most of them",
        ),
    ],
)
def test_whose_outputs_hold_does_not_depend_on_who_asks(members, outputs):
    (found,) = {eldest(order).to_bytes() for order in itertools.permutations(members)}
    assert read_member(found).outputs == frozenset(outputs.split(","))


@pytest.mark.parametrize(
    ("one", "other", "otherwise"),
    [
        (a_member(ALL), a_member(ALL), False),
        (a_member(ALL), a_member(FEW), True),
        # A later version has one more, which the earlier one can't write.
        (a_member(f"{ALL},maps", known=f"{ALL},maps"), a_member(ALL), False),
        (a_member(f"{FEW},maps", known=f"{ALL},maps"), a_member(ALL), True),
    ],
)
def test_only_outputs_that_both_versions_know_are_compared(one, other, otherwise):
    assert one.writes_otherwise(other) is other.writes_otherwise(one) is otherwise


@pytest.mark.parametrize("leader", ["there", "newcomer"])
def test_a_newcomer_with_other_outputs_gets_nothing_whoever_leads(leader):
    (there, assigned), (newcomer, joining) = a_worker(), a_worker(OUTPUTS="enriched")
    joined("there", {"there": assigned})
    got = joined(leader, {"there": assigned, "newcomer": joining})
    assert got == {"there": [0, 1, 2, 3], "newcomer": []}
    assert there.refusal == ""
    assert f"write {ALL}" in newcomer.refusal
    assert "would write enriched:" in newcomer.refusal
    assert f"set DATELINE_OUTPUTS={ALL}, or stop all workers" in newcomer.refusal


def test_the_first_of_a_group_may_write_what_it_likes():
    agreement, assignor = a_worker(OUTPUTS="enriched")
    assert joined("one", {"one": assignor}) == {"one": [0, 1, 2, 3]}
    assert agreement.refusal == ""


class Before(RoundRobinPartitionAssignor):
    """What workers of the version before have."""


@pytest.mark.parametrize("leader", ["before", "now"])
def test_members_of_the_version_before_are_let_in_and_lead(leader):
    agreement, assignor = a_worker(OUTPUTS="enriched")
    got = joined(leader, {"before": Before, "now": assignor})
    assert sorted(map(len, got.values())) == [2, 2]
    assert agreement.refusal == ""
    assert agreement.status.compared is (leader == "now")


def test_what_no_leader_of_the_version_before_could_tell_the_next_leader_tells():
    (first, one), (second, two) = a_worker(generation=3), a_worker(OUTPUTS="enriched", generation=4)
    joined("before", {"before": Before, "one": one})
    got = joined("before", {"before": Before, "one": one, "two": two})
    assert all(got.values())
    assert (first.refusal, second.refusal) == ("", "")
    assert joined("two", {"one": one, "two": two}) == {"one": [0, 1, 2, 3], "two": []}
    assert first.refusal == ""
    assert second.refusal


def test_a_worker_that_left_a_new_output_off_shares_the_group_with_one_that_writes_it(caplog):
    settings = Settings()
    waits = Agreement(settings.without({Output.QUOTES}), lambda: "1.0", off=(Output.QUOTES,))
    without = AgreeingAssignor(Delivery.EXACTLY_ONCE, waits, lambda: 1)
    (newcomer, one), (named, few) = a_worker(generation=2), a_worker(OUTPUTS="enriched")
    joined("waits", {"waits": without})
    for leader in ("waits", "newcomer"):
        assert all(joined(leader, {"waits": without, "newcomer": one}).values())
    assert (waits.refusal, newcomer.refusal) == ("", "")
    assert newcomer.status.differ == {"outputs_off": {"here": "", "group": "quotes"}}
    assert "outputs_off: '' here, 'quotes' in the group" in str([vars(record) for record in caplog.records])
    # What an operator left out is no such thing.
    assert joined("waits", {"waits": without, "named": few})["named"] == []
    assert "set DATELINE_OUTPUTS=enriched,entities,search,alerts,stories, or stop" in named.refusal


def test_a_worker_that_left_a_new_output_off_is_told_all_outputs_of_the_group_that_refuses_it():
    (_, there), settings = a_worker(OUTPUTS="enriched,quotes"), Settings()
    waits = Agreement(settings.without({Output.QUOTES}), lambda: "1.0", off=(Output.QUOTES,))
    joined("there", {"there": there})
    without = AgreeingAssignor(Delivery.EXACTLY_ONCE, waits, lambda: 1)
    assert joined("there", {"there": there, "waits": without})["waits"] == []
    assert "set DATELINE_OUTPUTS=enriched,quotes, or stop" in waits.refusal


def test_another_prefix_in_the_same_group_is_another_matter():
    (one, first), (two, second) = a_worker(), a_worker(OUTPUTS="enriched", TOPIC_PREFIX="sport.")
    metadata = {
        "one": first.metadata(["news.articles.raw.v1"]),
        "two": second.metadata(["sport.articles.raw.v1"]),
    }
    assignments = first.assign(a_cluster(), metadata)
    for name, assignor in (("one", first), ("two", second)):
        assignor.on_assignment(assignments[name])
    assert (one.refusal, two.refusal) == ("", "")


def test_a_pipeline_or_limit_that_differs_is_told_once_and_gone_with_the_other(caplog):
    (there, one), (newcomer, two) = a_worker(), a_worker("1.1", MAX_TEXT_CHARS="500")
    joined("one", {"one": one})
    for _ in range(2):
        assert all(joined("two", {"one": one, "two": two}).values())
    assert there.status.differ == {}
    assert newcomer.status.differ == {
        "DATELINE_MAX_TEXT_CHARS": {"here": "500", "group": "200000"},
        "pipeline": {"here": "1.1", "group": "1.0"},
    }
    (told,) = [record for record in caplog.records if "settings differ" in record.getMessage()]
    assert "DATELINE_MAX_TEXT_CHARS: '500' here, '200000' in the group" in str(vars(told))
    joined("two", {"two": two})
    assert newcomer.status.differ == {}
    assert newcomer.status.compared


@pytest.mark.parametrize(
    ("here", "group", "differ"),
    [
        ({}, {"LANGUAGES": "all"}, {}),
        ({"LANGUAGE": "en"}, {"LANGUAGES": "en"}, {}),
        ({"LANGUAGE": "de", "LANGUAGES": "en"}, {"LANGUAGES": "en"}, {}),
        ({"LANGUAGE": "de"}, {}, {"DATELINE_LANGUAGE": ("de", "en"), "DATELINE_LANGUAGES": ("de", ON)}),
        (
            {"LANGUAGES": "tr,en", "MODEL": "x"},
            {"LANGUAGES": "en,tr", "MODEL": "x"},
            {"DATELINE_LANGUAGES": ("tr,en", "en,tr")},
        ),
    ],
)
def test_workers_compare_the_languages_that_they_allow_however_these_were_set(here, group, differ):
    (there, one), (newcomer, two) = a_worker(**group), a_worker(**here)
    joined("one", {"one": one})
    joined("two", {"one": one, "two": two})
    assert there.status.differ == {}
    told = {name: (pair["here"], pair["group"]) for name, pair in newcomer.status.differ.items()}
    assert told == differ


def test_who_has_gone_from_a_group_that_was_not_assigned_anew_is_compared_with_no_more():
    """A member with a name comes back without a rebalance, and is told what held before."""
    (former, one), (now, same) = a_worker("1.0"), a_worker("1.1", GROUP_INSTANCE="one")
    joined("one", {"one": one})
    now.take(former.own().to_bytes(), 1)
    assert now.status.differ == {"pipeline": {"here": "1.1", "group": "1.0"}}
    now.look_again([])
    now.look_again([a_member(prefix="sport.")])
    assert now.status.differ
    now.look_again([now.own(), former.own()])
    assert now.status.differ
    now.look_again([now.own(), a_worker("1.1")[0].own()])
    assert now.status.differ == {}
    assert same.name == "roundrobin"


@pytest.mark.parametrize(("name", "asks"), [("", [False, False]), ("worker-0", [True, False])])
def test_only_a_member_with_a_name_asks_once_more_before_it_believes_its_refusal(name, asks):
    agreement, assignor = a_worker(OUTPUTS="enriched", GROUP_INSTANCE=name)
    before = assignor.metadata([]).user_data
    assert [agreement.doubt(), agreement.doubt()] == asks
    assert assignor.metadata([]).user_data != before


class _Noted:
    """Notes which settings are read."""

    def __init__(self, settings):
        self._settings, self.read = settings, set()

    def __getattr__(self, name):
        self.read.add(name)
        return getattr(self._settings, name)


def test_every_setting_that_enrichment_goes_by_is_compared():
    noted = _Noted(Settings())
    EnrichmentConfig.from_settings(noted)
    by_name = {"channels": "outputs", "field_paths": "fields", "allowed_languages": "languages"}
    read = {by_name.get(name, name) for name in noted.read}
    assert {variable_name(name) for name in read} <= Settings().shaping.keys()
    compared = MemberSettings.of(Settings(), pipeline="1.0").values.keys() | {
        "DATELINE_OUTPUTS",
        "DATELINE_MODEL",
    }
    assert Settings().shaping.keys() <= compared
