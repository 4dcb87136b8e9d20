"""A story is found by its id, by that of one of its articles, or by the beginning of its id."""

import orjson
import pytest
from aiokafka import ConsumerRecord

from tests.unit.commands.stories.story_records import assignment, card
from worker.channels import Channel, topic_name
from worker.commands.shell.part_reader import PartReader
from worker.commands.stories.topics import NoSuchStory, StoryTopics
from worker.settings import Settings

SETTINGS = Settings(topic_prefix="n.", group="g")
PARTITIONS = 4
FERRY, STRIKE, PORT = "0ad425a84bf7f9a674566abf", "0ad425a8ccc0ffee00000000", "7b1e5ea900000000deadbeef"


class Topics(PartReader):
    """Topics in memory; each record is in the partition of its key. `read`: the parts that were read."""

    def __init__(self, *records):
        names = {topic_name(channel, "n."): PARTITIONS for channel in Channel}
        super().__init__(SETTINGS, None, names, None)
        self.records = [
            ConsumerRecord(
                topic, self.partition_of(topic, key), offset, 0, 0, key, value, None, 0, 0, (),
            )
            for offset, (topic, key, value) in enumerate(records)
        ]  # fmt: skip
        self.read = []

    async def scan(self, topic, partitions, window, what, *, starts=None):
        self.read.append((topic, len(partitions)))
        for one in self.records:
            if one.topic == topic and one.partition in partitions:
                yield one


def put(channel, value, key=None):
    return topic_name(channel, "n."), (key or value["id"]).encode(), orjson.dumps(value)


def stories(*cards):
    return [put(Channel.STORIES, one) for one in cards]


KEPT = [
    *stories(card(FERRY), card(PORT), card(FERRY, articles=3, version=2), card(STRIKE, articles=9)),
    put(Channel.STORY_ARTICLES, assignment("callao-ferry", FERRY)),
    put(Channel.STORY_ARTICLES, assignment("7b1e5ea9", STRIKE)),
]


async def found(asked, *records, **options):
    return await StoryTopics(SETTINGS, Topics(*(records or KEPT))).find(asked, **options)


@pytest.mark.parametrize(
    ("asked", "story"),
    [
        (FERRY, FERRY),
        ("callao-ferry", FERRY),
        (FERRY[:9], FERRY),
        (PORT[:9], PORT),
        (STRIKE[:-1], STRIKE),
        # An article of this very id comes before stories whose ids begin so.
        ("7b1e5ea9", STRIKE),
    ],
)
async def test_a_story_is_found_as_it_stands(asked, story):
    by_id = {FERRY: 3, STRIKE: 9, PORT: 1}
    one = await found(asked, may_be_short=True)
    assert (one["id"], one["counts"]["articles"]) == (story, by_id[story])


async def test_a_beginning_of_a_merged_story_finds_the_one_that_it_became_a_part_of():
    records = stories(card(PORT, status="merged", into=FERRY), card(FERRY, merged_from=[PORT]))
    assert (await found(PORT[:8], *records, may_be_short=True))["id"] == FERRY


async def test_a_beginning_that_several_have_names_them_the_largest_first():
    with pytest.raises(NoSuchStory) as problem:
        await found(FERRY[:8], may_be_short=True)
    assert problem.value.message == (
        f"the ids of several stories begin with '0ad425a8': {STRIKE} (What {STRIKE} tells); "
        f"{FERRY} (What {FERRY} tells)"
    )


async def test_of_many_stories_five_are_named_and_none_steers_the_terminal():
    cards = [card(f"{FERRY[:8]}{n}\x1b[2J", headline="\x1b[2J") for n in range(7)]
    with pytest.raises(NoSuchStory, match=r"; and 2 more$") as problem:
        await found(FERRY[:8], *stories(*cards), may_be_short=True)
    assert problem.value.message.isprintable()


@pytest.mark.parametrize(
    ("asked", "options", "hint"),
    [
        (FERRY[:7], {"may_be_short": True}, True),
        ("0ad425a9", {"may_be_short": True}, True),
        (FERRY[:9], {}, False),
    ],
)
async def test_what_is_too_short_or_begins_no_id_is_no_story(asked, options, hint):
    with pytest.raises(NoSuchStory, match=f"has the id '{asked}'") as problem:
        await found(asked, **options)
    assert ("shortened to its first 8 characters" in problem.value.message) is hint


async def test_the_whole_topic_is_read_for_a_beginning_alone():
    for asked, parts in ((FERRY, [1]), (FERRY[:7], [1, 1]), (FERRY[:9], [1, 1, 4])):
        topics = Topics(*KEPT)
        try:
            await StoryTopics(SETTINGS, topics).find(asked, may_be_short=True)
        except NoSuchStory:
            assert asked == FERRY[:7]
        assert [partitions for _, partitions in topics.read] == parts


@pytest.mark.parametrize("value", [b"null", b"[]", b'{"id": "x"}'])
async def test_what_is_no_story_is_passed_over(value):
    topic = topic_name(Channel.STORIES, "n.")
    records = [*stories(card(FERRY)), (topic, STRIKE.encode(), value)]
    assert (await found(FERRY[:8], *records, may_be_short=True))["id"] == FERRY
