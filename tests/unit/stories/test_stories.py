"""What becomes of articles: stories are founded, joined, merged, closed and taken back from."""

from dataclasses import replace

import orjson
import pytest

from tests.unit.stories.logs import TINY, Topic, name, sentence, sketch
from worker.stories.limits import StoryLimits
from worker.stories.packing import StateError
from worker.stories.relations import Relation
from worker.stories.stories import Position, Stories
from worker.stories.story import read_story

START = 1_700_000_000_000
HOUR = 3_600_000


class Log:
    """Gives articles to stories, each at the next offset."""

    def __init__(self, **limits):
        self.stories = Stories(limits=replace(StoryLimits(step_ms=1 << 40), **limits))
        self.topic, self.offset, self.now = Topic(), 0, START

    def at(self, hours=0.0):
        self.offset += 1
        self.now += round(hours * HOUR)
        return Position(self.offset, self.now)

    def take(self, id_, text, hours=0.0, **fields):
        at = self.at(hours)
        told = self.stories.take(sketch(id_, text, origin=f"raw/0/{self.offset}", **fields), at)
        self.topic.write(told)
        return told

    def retract(self, id_, hours=0.0):
        told = self.stories.retract(id_, self.at(hours))
        self.topic.write(told)
        return told


def text(subject, *numbers):
    return " ".join(sentence(subject, number) for number in numbers)


FERRY, BUDGET = text(0, *range(8)), text(1, *range(8))


@pytest.fixture
def log():
    return Log()


def test_articles_of_one_event_are_one_story_and_those_of_another_are_not(log):
    first = log.take("a", FERRY).assignment
    same = log.take("b", text(0, *range(20, 28))).assignment
    other = log.take("c", BUDGET).assignment
    assert (same.story, same.relation, same.of) == (first.story, Relation.ORIGINAL, None)
    assert other.story != first.story


def test_a_copy_joins_its_source_and_says_what_it_shares(log):
    first = log.take("a", FERRY, source="Daily").assignment
    copy = log.take("b", FERRY, source="Herald", authors=["AP"]).assignment
    assert (copy.story, copy.relation, copy.of) == (first.story, Relation.REPRINT, "a")
    assert (copy.of_this, copy.of_that, copy.score) == (1000, 1000, 999)
    assert (first.record_source, copy.wire, copy.record_source) == ("Daily", "AP", "AP")


def test_of_copies_that_are_alike_the_earliest_is_the_source(log):
    for id_ in "abc":
        log.take(id_, FERRY)
    assert log.take("d", FERRY).assignment.of == "a"


def test_a_text_that_is_printed_often_does_not_become_a_template(log):
    story = log.take("first", FERRY).assignment.story
    for number in range(30):
        copy = log.take(f"{number}", f"{FERRY} {sentence(2, number)}").assignment
        assert (copy.story, copy.of, copy.relation) == (story, "first", Relation.REPRINT)
    log.retract("first")
    assert log.take("last", FERRY).assignment.of is not None


def test_what_many_articles_share_is_a_template_and_makes_no_copies(log):
    notice = " ".join(f"Clause {number} of the agreement binds the parties hereto" for number in range(5))
    for number in range(9):
        log.take(f"n{number}", f"{text(number % 4, *range(10 * number, 10 * number + 5))} {notice}")
    assert log.take("last", f"{text(2, *range(200, 205))} {notice}").assignment.relation is Relation.ORIGINAL


def test_the_card_counts_and_shows_what_the_articles_say(log):
    log.take("a", FERRY, headline="Ferry sinks", source="Daily", published_at="2026-11-29T10:00:00Z")
    told = log.take("b", FERRY, headline="Ferry lost", source="Herald", published_at="2026-11-29T12:00:00Z")
    (card,) = told.cards
    fields = card.fields
    assert (fields["id"], fields["status"], fields["version"], fields["headline"]) == (
        told.assignment.story, "open", 2, "Ferry sinks",
    )  # fmt: skip
    assert fields["counts"] == {
        "articles": 2, "unique": 1, "reprints": 1, "sources": 2, "independent_sources": 1, "retracted": 0
    }  # fmt: skip
    assert [member["id"] for member in fields["members"]] == ["a", "b"]
    assert fields["published"] == [1795946400000, 1795953600000]


def independent(told):
    return told.cards[-1].fields["counts"]["independent_sources"]


def test_sources_are_independent_that_wrote_a_text_of_their_own(log):
    own = [text(0, *range(number, number + 6)) for number in (1, 20, 40, 60, 80)]
    log.take("a", own[0], source="www.paper.example")
    assert independent(log.take("b", own[0], source="other.example")) == 1, "a copy confirms nothing"
    assert independent(log.take("c", own[1], source="sport.paper.example")) == 1, "one domain, one source"
    assert independent(log.take("d", own[2], source="other.example")) == 2
    assert independent(log.take("e", own[3], source="third.example", authors=["Reuters"])) == 3
    assert independent(log.take("f", own[4], source="fourth.example", authors=["Reuters"])) == 3, (
        "Reuters twice"
    )


def test_another_source_shows_at_once_however_large_the_story_is(log):
    for number in range(21):
        log.take(f"a{number}", FERRY, source="paper.example")
    assert not log.take("b", FERRY, source="other.example").cards
    (card,) = log.take("c", text(0, *range(20, 26)), source="other.example").cards
    assert card.fields["counts"]["independent_sources"] == 2


def test_the_card_names_organisations_countries_topics_and_speakers(log):
    entities = [
        name("ORG", "Coastguard", 0.4),
        {**name("GPE", "Peru", 0.3), "links": {"iso3166": "PE"}},
        {**name("GPE", "Chile", 0.1), "links": {"iso3166": "CL"}},
    ]
    topics = [{"code": "medtop:03000000", "confidence": 0.9}]
    speaker = {"text": "he", "name": "Ada Okafor", "entity": "person:ada-okafor"}
    quotes = [
        {"text": "All are ashore.", "kind": "indirect", "speaker": speaker, "confidence": 0.9},
        {"text": "So they say.", "kind": "direct", "speaker": {"text": "a sailor"}, "confidence": 0.9},
    ]
    log.take("a", FERRY, entities=entities, topics=topics, quotes=quotes)
    told = log.take("b", FERRY, entities=entities[:2], topics=topics, quotes=quotes[1:])
    fields = told.cards[-1].fields
    assert fields["organisations"] == [{"id": "org:coastguard", "name": "Coastguard", "articles": 2}]
    assert fields["countries"] == [{"code": "PE", "articles": 2}, {"code": "CL", "articles": 1}]
    assert fields["topics"] == [{"code": "medtop:03000000", "articles": 2}]
    assert fields["speakers"] == [
        {"id": None, "name": "a sailor", "articles": 2},
        {"id": "person:ada-okafor", "name": "Ada Okafor", "articles": 1},
    ]


def test_state_that_was_written_before_more_was_kept_is_read(log):
    log.take("a", FERRY, source="paper.example")
    value = log.topic.records[b"s/1"] if b"s/1" in log.topic.records else log.topic.records[b"s/0"]
    at = value.index(b'["')
    older = value[:at] + orjson.dumps(orjson.loads(value[at:])[:10])
    story = read_story(older)
    assert story.independent == story.sources != []
    assert (story.organisations, story.countries, story.topics, story.speakers) == ([], [], [], [])


def test_a_story_closes_after_its_last_article_and_one_of_one_article_sooner(log):
    one = log.take("a", FERRY).assignment.story
    log.take("b", text(0, *range(20, 28)), hours=30)
    other = log.take("c", BUDGET).assignment.story
    closed = log.take("d", text(3, 1, 2, 3), hours=37).cards
    assert (closed[0].id, closed[0].fields["status"]) == (other, "closed")
    assert one not in [card.id for card in closed]
    assert log.take("e", FERRY, hours=20).assignment.story == one
    assert log.take("f", FERRY, hours=73).assignment.story != one


def test_what_is_over_is_forgotten(log):
    log.take("a", FERRY)
    log.take("b", FERRY)
    for hours in (73, 73, 73):
        log.take("c", BUDGET, hours=hours)
    assert [key for key in log.topic.records if key.startswith(b"a/")] == [b"a/c"]
    assert len([key for key in log.topic.records if key.startswith(b"s/")]) == 1


def test_an_article_that_is_taken_back_is_counted_and_shown_no_more(log):
    quote = {"text": "We have lost the ferry today.", "kind": "direct", "speaker": None, "confidence": 1.0}
    log.take("a", FERRY, headline="Ferry sinks", quotes=[quote])
    story = log.take("b", text(0, *range(20, 28)), headline="Divers search").assignment.story
    told = log.retract("a")
    (card,) = told.cards
    assert (told.assignment, told.retracted, card.id) == (None, "a", story)
    assert card.fields["counts"]["articles"] == card.fields["counts"]["retracted"] == 1
    assert (card.fields["headline"], card.fields["quotes"]) == (None, [])
    assert [member["id"] for member in card.fields["members"]] == ["b"]
    assert log.take("c", FERRY).assignment.of is None


def test_a_story_without_articles_closes(log):
    story = log.take("a", FERRY).assignment.story
    (card,) = log.retract("a").cards
    assert (card.id, card.fields["status"], card.fields["counts"]["articles"]) == (story, "closed", 0)
    assert log.take("b", FERRY).assignment.story != story
    assert log.retract("nobody").cards == ()


def test_a_new_version_stays_in_its_story_and_is_found_by_its_new_text(log):
    story = log.take("a", FERRY, headline="Ferry sinks").assignment.story
    again = log.take("a", BUDGET, headline="Budget falls")
    assert again.assignment.story == story
    assert again.cards[0].fields["headline"] == "Budget falls"
    assert again.cards[0].fields["counts"]["articles"] == 1
    assert log.take("b", BUDGET).assignment.of == "a"
    assert log.take("c", FERRY).assignment.of is None


def test_the_same_text_in_another_language_is_neither_a_copy_nor_of_the_story(log):
    first = log.take("a", FERRY).assignment
    other = log.take("b", FERRY, language="de").assignment
    assert (other.relation, other.of, other.language) == (Relation.ORIGINAL, None, "de")
    assert other.story != first.story
    assert log.take("c", FERRY, language="de-AT").assignment.of == "b"
    assert log.take("d", FERRY, language="en-GB").assignment.of == "a"


def test_a_new_version_in_another_language_leaves_its_story(log):
    story = log.take("a", FERRY, headline="Ferry sinks").assignment.story
    log.take("b", text(0, *range(20, 28)))
    told = log.take("a", FERRY, headline="Fähre sinkt", language="de")
    left, founded = told.cards
    assert (left.id, left.fields["counts"]["articles"], left.fields["headline"]) == (story, 1, None)
    assert (founded.id, founded.fields["language"]) == (told.assignment.story, "de")
    assert told.assignment.story != story
    assert log.retract("a").cards[0].id == founded.id


def test_two_stories_that_an_article_joins_are_the_older_one(log):
    log.stories = Stories(
        limits=StoryLimits(), articles=log.stories.articles_weights._replace(join=2500, merge=-9000)
    )
    one = log.take("a", text(0, *range(3)) + " " + text(1, *range(3))).assignment.story
    other = log.take("b", text(0, 30, 31, 32) + " " + text(2, *range(3))).assignment.story
    assert one != other
    log.stories.articles_weights = log.stories.articles_weights._replace(join=-9000)
    told = log.take("c", text(0, 50, 51, 52, 53))
    merged = next(card for card in told.cards if card.fields["into"])
    assert (merged.id, merged.fields["status"], merged.fields["into"]) == (other, "merged", one)
    assert told.assignment.story == one
    current = told.cards[-1].fields
    assert (current["counts"]["articles"], current["merged_from"]) == (3, [other])
    assert log.take("d", text(0, 30, 31, 32) + " " + text(2, *range(3))).assignment.story == one


def test_cards_of_a_large_story_are_written_less_often():
    log = Log()
    cards = sum(len(log.take(f"{number}", FERRY).cards) for number in range(100))
    assert 25 < cards < 40
    assert len(log.take("late", FERRY, hours=0.5).cards) == 1


def test_beyond_the_limit_the_oldest_story_of_one_article_closes():
    log = Log(open_stories=2)
    first = log.take("a", FERRY).assignment.story
    log.take("b", FERRY)
    log.take("c", BUDGET)
    told = log.take("d", text(3, 1, 2, 3))
    assert [card.fields["members"][0]["id"] for card in told.cards if card.fields["status"] == "closed"] == [
        "c"
    ]
    assert log.take("e", FERRY).assignment.story == first


def state_of_a_merge():
    """The state of a log in which two stories became one."""
    log = Log()
    test_two_stories_that_an_article_joins_are_the_older_one(log)
    return log.topic


@pytest.mark.parametrize("dropped", [b"clock", b"s/1", b"s/2"])
def test_state_of_which_a_record_is_missing_is_refused(dropped):
    topic = state_of_a_merge()
    del topic.records[dropped]
    with pytest.raises(StateError):
        topic.read_into(Stories(limits=TINY))


def test_another_order_gives_other_stories():
    def told(*articles):
        log = Log()
        return [log.take(id_, some).assignment for id_, some in articles]

    ferry, half = ("a", FERRY), ("b", text(0, 0, 1, 2))
    assert told(ferry, half) != told(half, ferry)[::-1]
