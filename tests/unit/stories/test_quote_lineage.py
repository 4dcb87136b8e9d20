"""The same utterance in several articles: what is one, what was altered, and what a story keeps of it."""

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.stories.logs import sentence
from tests.unit.stories.test_stories import FERRY, Log, text
from worker.query.words import words_of
from worker.stories.lineage.alignment import MAX_EDITS, QuoteWords, align
from worker.stories.lineage.marks import common_bits, mark_of, signature_of, words_key
from worker.stories.lineage.shown import (
    MAX_LINEAGES,
    shown_edits,
    shown_lineages,
    shown_quotes,
    shown_wording,
)
from worker.stories.lineage.utterances import (
    MAX_CARRIERS,
    MAX_COUNTED,
    MAX_KEPT_CHARS,
    MAX_UTTERANCES,
    MAX_VARIANTS,
    PINNED_UTTERANCES,
    Spoken,
    Teller,
    article_count,
    compact,
    drop_marks,
    expanded,
    forget_article,
    joined_utterances,
    note_quotes,
    utterances_of_quotes,
)
from worker.stories.story import read_story

fixed = settings(
    derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck), max_examples=80
)
PIER = "We will keep the pier open until all 42 sailors are home, and Captain Oyelaran knows it"
START = 1_700_000_000_000


def differences(of, this):
    """What is said of a quote and an earlier one: None, or its wording and each edit as (kind, was, now)."""
    found = align(QuoteWords(of), QuoteWords(this))
    if found is None:
        return None
    edits = shown_edits(this, of, found)
    wording = shown_wording(edits) if edits else "same"
    return wording, [(edit["kind"], edit["was"], edit["now"]) for edit in edits]


@pytest.mark.parametrize(
    ("this", "said"),
    [
        (PIER, ("same", [])),
        (PIER.upper().replace(",", " --"), ("same", [])),
        (PIER.replace("42", "24"), ("altered", [("number", "42", "24")])),
        (PIER.replace("Captain Oyelaran", "Ms Obi"), (
            "altered", [("replaced", "Captain Oyelaran", "Ms Obi")]
        )),
        ("We will keep the pier open until all 42 sailors are home", (
            "cut", [("left_out", "and Captain Oyelaran knows it", "")]
        )),
        ("until all 42 sailors are home, and Captain Oyelaran knows it", (
            "cut", [("left_out", "We will keep the pier open", "")]
        )),
        ("We will keep the pier open ... and Captain Oyelaran knows it", (
            "cut", [("left_out", "until all 42 sailors are home", "")]
        )),
        ("until all 42 sailors are home", (
            "cut",
            [
                ("left_out", "We will keep the pier open", ""),
                ("left_out", "and Captain Oyelaran knows it", ""),
            ],
        )),
        (f"{PIER}, as does the mayor of Penhallow", (
            "extended", [("added", "", "as does the mayor of Penhallow")]
        )),
        (f"Believe me: {PIER.replace('42', '40')}", (
            "altered", [("added", "", "Believe me"), ("number", "42", "40")]
        )),
        ("home, and Captain Oyelaran", None),  # too short to be a part
        ("We keep the pier open", None),  # all words of a part stand in a row in the whole
        ("until all 42 sailors rest", None),  # and all of them are there
        ("We will keep the ferry moored until the storm is over, and nobody likes it", None),
        ("Captain Oyelaran knows all 42 sailors, and until the pier are home it keep open will we", None),
        ("", None),
        ("?!", None),
    ],
)  # fmt: skip
def test_a_quote_is_the_same_utterance_cut_or_altered_or_another(this, said):
    assert differences(PIER, this) == said


@pytest.mark.parametrize(
    ("of", "this", "said"),
    [
        ("Мы вывезли всех 48 пассажиров, прежде чем погас маяк",
         "мы вывезли всех 47 пассажиров прежде чем погас маяк", (
            "altered", [("number", "48", "47")]
        )),
        ("لم يخبرنا أحد في مكتب الميناء أن المنارة كانت مظلمة قبل أن نبحر",
         "لم يخبرنا أحد أن المنارة كانت مظلمة قبل أن نبحر", (
            "cut", [("left_out", "في مكتب الميناء", "")]
        )),
        ("船员们做了他们受过训练的事情船长是最后一个离开驾驶台的人",
         "船员们做了他们受过训练的事情大副是最后一个离开驾驶台的人", (
            "altered", [("replaced", "船长", "大副")]
        )),
        ("हम इस साल एक भी स्कूल बंद नहीं करेंगे", "हम अगले साल एक भी स्कूल बंद नहीं करेंगे", (
            "altered", [("replaced", "इस", "अगले")]
        )),
        ("船员们做了他们受过", "船员们做了他们", None),
        ("İzmir limanı bu yıl kapanmayacak dedik ve sözümüzü tuttuk",
         "izmir limanı bu yıl kapanmayacak dedik ve sözümüzü tuttuk", (
            "same", []
        )),
    ],
)  # fmt: skip
def test_words_are_those_of_each_script(of, this, said):
    assert differences(of, this) == said


@pytest.mark.parametrize(
    ("of", "this", "left_out"),
    [
        # The first word that is kept is there twice: it is the one beside the others that are kept.
        ("the ship sank early and the crew left all the boats before a storm came",
         "the crew left all the boats before a storm came",
         "the ship sank early and"),
        # The last one is, too: it is the one beside those before it.
        ("our crew left all those boats before a storm came and nobody saw a light there",
         "our crew left all those boats before a light there",
         "storm came and nobody saw a"),
        ("our ship sank early and our crew left all those boats before a storm came",
         "our ship left all those boats before a storm came",
         "sank early and our crew"),
        ("saw the ship sink early and the crew left all those boats before a storm came",
         "saw the crew left all those boats before a storm came",
         "ship sink early and the"),
    ],
)  # fmt: skip
def test_a_word_that_is_there_twice_stands_with_others_that_are_kept(of, this, left_out):
    wording, edits = differences(of, this)
    assert (wording, [was for _, was, _ in edits]) == ("cut", [left_out])


@pytest.mark.parametrize("rest", ["", " aboard", " left all the boats before a storm came"])
def test_a_word_in_the_middle_that_is_there_twice_stands_with_those_behind_it(rest):
    of = f"we all saw a fire when the ship sank early and the crew{rest}"
    this = f"we all saw a fire when suddenly the crew{rest}"
    assert differences(of, this) == ("altered", [("replaced", "the ship sank early and", "suddenly")])


@pytest.mark.parametrize("is_this_longer", [True, False])
def test_common_words_count_where_others_stand_near_them_in_both_quotes(is_this_longer):
    def compared(fillers):
        parted = words_of(PIER)
        longer = " ".join(f"{word} {'um ' * fillers}" for word in parted)
        return align(*map(QuoteWords, (PIER, longer) if is_this_longer else (longer, PIER)))

    assert compared(2) is not None
    # Side by side in one quote, and too far away in the other.
    assert compared(3) is None


def test_five_words_with_others_near_them_are_the_fewest_of_one_utterance():
    of = "mountaineers captained Oyelaran promised everybody it is so"
    assert differences(of, "mountaineers captained Oyelaran promised everybody we do not") is not None
    assert differences(of, "mountaineers captained Oyelaran promised nobody we do not") is None


@pytest.mark.parametrize("order", ["mountaineers {} {} {}", "{2} {1} {0} mountaineers"])
def test_a_common_word_that_stands_alone_at_an_end_does_not_count(order):
    rest = "captained Oyelaran promised everybody"
    of, this = (order.format(f"{filler} " * 3, rest, filler) for filler in ("um", "oh"))
    assert differences(of, this) is None
    near, by = (order.format(f"{filler} " * 2, rest, filler) for filler in ("um", "oh"))
    assert differences(near, by) is not None


@pytest.mark.parametrize(
    ("common", "own", "is_one"),
    [
        ("mountain captains standing never kept", "delivery payments a", True),  # 33 of 50 letters
        (
            "mountain captains standing kitchens harbours window",
            "delivery payments somebody",
            False,
        ),  # 46, 70
    ],
)
def test_two_thirds_of_the_letters_of_the_shorter_quote_are_the_fewest_of_one_utterance(common, own, is_one):
    of = f"{common} {own}"
    letters, all_letters = (len("".join(part.split())) for part in (common, of))
    assert (letters * 100 >= 66 * all_letters) is is_one
    assert letters * 100 >= 65 * all_letters
    assert (differences(of, f"{common} anything everyone whatever") is not None) is is_one


def test_of_too_many_differences_those_around_the_shortest_rows_are_told_as_one():
    rows = [f"harbour{letter} evening" for letter in "abcdefghijklm"]
    rows[0] = rows[-1] = "harbour"
    rows[1], rows[-2] = "lantern", "captain"
    of, this = (f"{odd} " + " ".join(f"{row} {odd}" for row in rows) for odd in ("he", "it"))
    found = align(QuoteWords(of), QuoteWords(this))
    assert len(found) == MAX_EDITS
    assert (found[0].start, found[-1].end) == (0, len(this))
    was = [of[edit.of_start : edit.of_end] for edit in found]
    assert was == ["he", "he lantern he", *["he"] * 8, "he captain he", "he"]


def test_as_many_differences_as_may_be_are_told_each_by_itself():
    of, this = (f" {odd} ".join(f"harbour{letter}" for letter in "abcdefghijklm") for odd in ("he", "it"))
    found = align(QuoteWords(of), QuoteWords(this))
    assert [of[edit.of_start : edit.of_end] for edit in found] == ["he"] * MAX_EDITS


def test_what_was_added_in_front_stands_before_the_first_word_of_the_other_quote():
    (edit,) = align(QuoteWords(f"– {PIER}"), QuoteWords(f"Believe me: {PIER}"))
    assert edit == (0, len("Believe me"), 2, 2)


def test_quotes_of_few_words_are_the_same_only_with_the_same_words():
    assert differences("We are still looking", "we are still looking!") == ("same", [])
    assert differences("We are still looking", "We are not looking") is None


words = st.lists(
    st.sampled_from(["ab", "cde", "fghij", "12", "é", "中", "ไ", "’", "x-y", "İ"]), max_size=60
).map(" ".join)


@fixed
@given(words, words)
def test_edits_make_the_one_quote_of_the_other(of, this):
    found = align(QuoteWords(of), QuoteWords(this))
    if found is None:
        return
    assert len(found) <= MAX_EDITS
    made, at = "", 0
    for edit in found:
        made += f" {of[at : edit.of_start]} {this[edit.start : edit.end]} "
        at = edit.of_end
    assert words_of(made + of[at:]) == words_of(this)
    assert [edit.start for edit in found] == sorted(edit.start for edit in found)


@fixed
@given(words, words)
def test_quotes_with_the_same_words_have_the_same_mark_and_one_within_another_shares_its_bits(one, other):
    assert (words_key(mark_of(one)) == words_key(mark_of(other))) == (words_of(one) == words_of(other))
    part, whole = signature_of(mark_of(one)), signature_of(mark_of(f"{other} {one}"))
    assert part & whole == part
    assert common_bits(part, whole) == part.bit_count()
    assert len(mark_of(one)) == 48


def noted(*told):
    """The utterances of articles `a0`, `a1` and so on, each with these quotes, a second apart."""
    utterances = []
    for number, quotes in enumerate(told):
        spoken = [Spoken(quote, f"Speaker {number}", None) for quote in quotes]
        note_quotes(utterances, spoken, Teller(f"a{number}", f"source {number}", START + 1000 * number, None))
    return utterances


def found_in(lineage):
    return [[one["id"] for one in variant["found_in"]] for variant in lineage["variants"]]


def test_a_lineage_says_who_had_it_first_how_often_it_was_repeated_and_in_which_words():
    utterances = noted(
        [PIER], [PIER.replace("42", "24"), "Another thing that only they were told"], [PIER + "."]
    )
    (lineage,) = shown_lineages(utterances)
    assert (lineage["articles"], lineage["speaker"], lineage["unlisted"]) == (3, "Speaker 0", 0)
    assert found_in(lineage) == [["a0", "a2"], ["a1"]]
    first, altered = lineage["variants"]
    assert (first["wording"], first["of"], first["articles"]) == ("first", None, 2)
    assert (altered["wording"], altered["of"], altered["articles"]) == ("altered", 0, 1)
    assert first["found_in"][0] == {
        "id": "a0", "record_source": "source 0", "speaker": "Speaker 0", "speaker_id": None,
        "seen_at": "2023-11-14T22:13:20.000Z", "published_at": None,
    }  # fmt: skip


@pytest.mark.parametrize("has_marks", [True, False])
def test_a_state_record_names_each_article_once_and_gives_the_utterances_back(has_marks):
    carried = [[f"{PIER} {number}", "And nobody else was told"] for number in range(MAX_VARIANTS + 3)]
    utterances = noted(*carried, [f"{PIER} 0"], [f"{PIER} 0"], [f"{PIER} 0"], ["And nobody else was told!"])
    if not has_marks:
        drop_marks(utterances)
    kept = orjson.dumps(compact(utterances))
    assert expanded(orjson.loads(kept)) == utterances
    assert kept.count(b'"a0"') == 1
    assert (compact([]), expanded([])) == ([], [])


def test_a_variant_is_compared_with_the_one_that_it_shares_most_with():
    whole = f"{PIER}, and so does everybody else who was on the bridge that night"
    cut = "and so does everybody else who was on the bridge that night"
    (lineage,) = shown_lineages(noted([PIER], [whole], [cut]))
    assert [variant["of"] for variant in lineage["variants"]] == [None, 0, 1]
    assert [variant["wording"] for variant in lineage["variants"]] == ["first", "extended", "cut"]


def test_an_article_that_has_a_quote_twice_counts_once_and_a_quote_of_one_article_has_no_lineage():
    utterances = noted([PIER, PIER, PIER.replace("42", "24")])
    assert shown_lineages(utterances) == []
    assert len(shown_quotes(utterances)) == 1


def test_quotes_without_words_are_one_utterance_only_as_the_same_signs():
    wordless = ["🎉" * 25, "— — — — — — — — — — —", "🎉" * 25]
    utterances = []
    for number, said in enumerate(wordless):
        note_quotes(utterances, [Spoken(said, None, None)], Teller(f"a{number}", "wire", START, None))
    assert [(one["variants"][0]["text"], one["articles"]) for one in shown_lineages(utterances)] == [
        (wordless[0], 2)
    ]


def test_quotes_in_most_articles_come_first_and_three_are_shown():
    sayings = [f"{sentence(number % 4, number)}" for number in range(5)]
    told = [[saying for place, saying in enumerate(sayings) if place <= number] for number in range(5)]
    lineages = shown_lineages(noted(*told))
    assert [lineage["articles"] for lineage in lineages] == [5, 4, 3]
    assert len(lineages) == MAX_LINEAGES


def test_an_article_that_is_taken_back_is_in_no_lineage_and_the_next_is_the_first():
    utterances = noted([PIER], [PIER.replace("42", "24")], [PIER], [PIER.replace("42", "9")])
    (lineage,) = shown_lineages(forget_article(utterances, "a0"))
    assert found_in(lineage) == [["a1"], ["a2"], ["a3"]]
    assert lineage["articles"] == 3
    assert [edit["was"] for edit in lineage["variants"][1]["edits"]] == ["24"]
    utterances = forget_article(utterances, "a1")
    assert b"24" not in orjson.dumps(utterances)


def test_parts_are_one_utterance_when_the_whole_comes_and_the_earliest_is_first():
    head, tail = PIER[: PIER.index(", and")], "and Captain Oyelaran knows it"
    utterances = noted([tail, sentence(0, 1)], [head, sentence(0, 1)], [PIER])
    lineages = shown_lineages(utterances)
    assert [found_in(lineage) for lineage in lineages] == [[["a0"], ["a2"], ["a1"]], [["a0", "a1"]]]
    first, whole, part = lineages[0]["variants"]
    assert (first["text"], whole["wording"], part["wording"], part["of"]) == (tail, "extended", "cut", 1)


def test_a_part_that_two_utterances_have_joins_them_not():
    part = "until all 42 sailors are home"
    one, other = f"We wait {part} and safe and warm", f"Nobody sleeps in this house {part}, said the mayor"
    utterances = noted([one], [other], [part])
    assert len(utterances) == 2
    assert article_count(utterances[0]) + article_count(utterances[1]) == 3


def test_what_two_variants_had_in_common_goes_with_the_one_that_joined_them():
    head, tail = PIER[: PIER.index(", and")], "and Captain Oyelaran knows it"
    utterances = noted([head], [PIER], [tail])
    assert found_in(shown_lineages(utterances)[0]) == [["a0"], ["a1"], ["a2"]]
    left = forget_article(utterances, "a1")
    assert [[variant[0] for variant in variants] for variants, _ in left] == [[head], [tail]]


def test_a_new_version_of_an_article_keeps_its_place_with_the_words_that_it_still_has():
    utterances = noted([PIER, "We never saw the light on the northern mole"], [PIER])
    left = forget_article(utterances, "a0", [Spoken(PIER + "!", None, None)])
    assert found_in(shown_lineages(left)[0]) == [["a0", "a1"]]
    assert b"northern" not in orjson.dumps(left)


def test_the_story_that_goes_keeps_its_quotes_as_they_were():
    these, those = noted([PIER.replace("42", "24")]), noted([PIER], [PIER])
    before = orjson.dumps(those)
    joined_utterances(these, those)
    assert orjson.dumps(those) == before


def test_articles_of_a_variant_that_nobody_named_has_any_more_still_count():
    cut = " ".join(PIER.split()[:12])
    utterances = noted([PIER], *[[cut]] * (MAX_CARRIERS + 2))
    for number in range(1, MAX_CARRIERS + 1):
        utterances = forget_article(utterances, f"a{number}")
    ((variants, unlisted),) = utterances
    assert ([variant[0] for variant in variants], len(unlisted)) == ([PIER], 2)
    assert article_count(utterances[0]) == 3


def test_of_two_stories_that_become_one_whoever_was_first_is_first():
    these, those = noted([PIER.replace("42", "24")]), noted([PIER])
    for variants, _ in these:
        variants[0][4][0][2] += 5_000
    before = orjson.dumps(those)
    those[0][0][0][4][0][0] = "b0"
    (lineage,) = shown_lineages(joined_utterances(these, those))
    assert found_in(lineage) == [["b0"], ["a0"]]
    assert orjson.dumps(those) == before.replace(b'"a0"', b'"b0"'), "the other story keeps its own"
    assert joined_utterances([], those) == those


def test_marks_that_were_left_out_are_made_again():
    utterances = noted([PIER])
    drop_marks(utterances)
    assert utterances[0][0][0][1] == ""
    note_quotes(utterances, [Spoken(PIER.replace("42", "24"), None, None)], Teller("b", None, START, None))
    assert utterances == [*utterances[:1]]
    assert [variant[1] for variant in utterances[0][0]] == [mark_of(PIER), mark_of(PIER.replace("42", "24"))]


def test_quotes_that_stories_kept_before_are_read_as_utterances():
    (lineage,) = shown_lineages(
        utterances_of_quotes([[PIER, "Ada", "person:ada", "a"], [PIER.replace("42", "9"), None, None, "b"]])
    )
    assert lineage["variants"][0]["found_in"][0]["seen_at"] is None


@fixed
@given(st.integers(0, 1 << 32))
def test_no_more_is_kept_than_the_bounds_say(seed):
    import random

    draw, utterances = random.Random(seed), []
    for number in range(90):
        quotes = []
        for _ in range(draw.randrange(7)):
            said = sentence(draw.randrange(4), draw.randrange(12)).split()
            said[draw.randrange(len(said))] = f"word{draw.randrange(4)}"
            quotes.append(Spoken(" ".join(said * draw.choice([1, 1, 2])), None, None))
        note_quotes(utterances, quotes, Teller(f"a{number}", None, START + number, None))
        assert len(utterances) <= MAX_UTTERANCES
        assert sum(len(variant[0]) for variants, _ in utterances for variant in variants) <= MAX_KEPT_CHARS
        for variants, unlisted in utterances:
            assert 1 <= len(variants) <= MAX_VARIANTS
            assert len(unlisted) <= MAX_COUNTED
            assert all(
                len(variant[3]) <= MAX_EDITS and 1 <= len(variant[4]) <= MAX_CARRIERS
                and len(variant[5]) <= MAX_COUNTED
                for variant in variants
            )  # fmt: skip
        for lineage in shown_lineages(utterances):
            assert 2 <= lineage["articles"] <= MAX_COUNTED
            assert all(variant["of"] is None or variant["of"] < place
                       for place, variant in enumerate(lineage["variants"]))  # fmt: skip
    for number in range(90):
        utterances = forget_article(utterances, f"a{number}")
        assert f'"a{number}"'.encode() not in orjson.dumps(utterances)
    assert utterances == []


def test_beyond_the_bounds_the_newest_quote_stays_and_the_oldest_of_the_rarest_goes():
    sayings = [sentence(number % 4, number) for number in range(MAX_UTTERANCES)]
    utterances = noted(sayings, sayings)
    note_quotes(utterances, [Spoken(PIER, None, None)], Teller("b", None, START, None))
    kept = [variants[0][0] for variants, _ in utterances]
    assert kept == [*sayings[:PINNED_UTTERANCES], *sayings[PINNED_UTTERANCES + 1 :], PIER]
    # So what is said again can be seen to be.
    note_quotes(utterances, [Spoken(PIER, None, None)], Teller("c", None, START + 1, None))
    assert article_count(utterances[-1]) == 2


def test_of_the_quotes_that_come_together_the_last_alone_is_spared():
    sayings = [sentence(number % 4, number) for number in range(MAX_UTTERANCES)]
    utterances = noted(sayings, sayings)
    before_last = "Nobody at the lighthouse had been told about the second ferry that evening"
    note_quotes(
        utterances,
        [Spoken(before_last, None, None), Spoken(PIER, None, None)],
        Teller("b", None, START, None),
    )
    kept = [variants[0][0] for variants, _ in utterances]
    assert kept == [*sayings[:PINNED_UTTERANCES], *sayings[PINNED_UTTERANCES + 1 :], PIER]


def test_stories_that_become_one_keep_within_the_bounds_with_the_newest_quote():
    sayings = [sentence(number % 4, number) for number in range(MAX_UTTERANCES)]
    joined = joined_utterances(noted(sayings, sayings), noted([PIER]))
    kept = [variants[0][0] for variants, _ in joined]
    assert kept == [*sayings[:PINNED_UTTERANCES], *sayings[PINNED_UTTERANCES + 1 :], PIER]


def test_of_the_articles_with_a_quote_the_earliest_are_named_in_whatever_order_they_come():
    utterances = []
    for seen in (3, 1, 4, 2):
        note_quotes(utterances, [Spoken(PIER, None, None)], Teller(f"a{seen}", None, START + seen, None))
    ((variants, _),) = utterances
    assert [carrier[0] for carrier in variants[0][4]] == ["a1", "a2", "a3"]
    assert article_count(utterances[0]) == 4


def test_the_newest_quote_goes_if_those_that_are_shown_leave_no_room_for_it():
    long = [" ".join(f"word{number}x{place}" for place in range(200)) for number in range(PINNED_UTTERANCES)]
    assert sum(map(len, long)) <= MAX_KEPT_CHARS < sum(map(len, [*long, *[PIER] * 6]))
    utterances = noted(long, [f"{PIER} {PIER.upper()} " * 3])
    assert [variants[0][0] for variants, _ in utterances] == long


def test_an_article_that_is_taken_back_counts_no_more_where_it_was_only_counted():
    utterances = noted(*[[PIER]] * (MAX_CARRIERS + 2))
    left = forget_article(utterances, f"a{MAX_CARRIERS + 1}")
    ((variants, _),) = left
    assert [carrier[0] for carrier in variants[0][4]] == ["a0", "a1", "a2"]
    assert article_count(left[0]) == MAX_CARRIERS + 1
    assert article_count(forget_article(left, "a1")[0]) == MAX_CARRIERS


def test_an_article_with_words_of_a_variant_too_many_that_is_taken_back_is_not_counted():
    utterances = noted([PIER], *[[PIER.replace("42", f"{number}")] for number in range(MAX_VARIANTS + 1)])
    before = article_count(utterances[0])
    assert len(utterances[0][1]) == 2
    assert article_count(forget_article(utterances, f"a{MAX_VARIANTS + 1}")[0]) == before - 1


QUOTE = {"text": PIER, "kind": "direct", "speaker": {"text": "she", "name": "Ada Obi"}, "confidence": 1.0}


def test_a_story_shows_the_lineage_of_a_quote_and_keeps_it_when_another_worker_goes_on():
    log = Log()
    log.take(
        "a", FERRY, source="Daily", authors=["Reuters"], quotes=[QUOTE], published_at="2026-11-29T10:00:00Z"
    )
    told = log.take(
        "b", text(0, *range(20, 28)), source="Herald", quotes=[QUOTE | {"text": PIER.replace("42", "9")}]
    )
    (lineage,) = told.cards[-1].fields["quote_lineage"]
    assert [one["record_source"] for variant in lineage["variants"] for one in variant["found_in"]] == [
        "Reuters", "Herald",
    ]  # fmt: skip
    assert lineage["variants"][0]["found_in"][0]["published_at"] == "2026-11-29T10:00:00.000Z"
    assert [quote["article"] for quote in told.cards[-1].fields["quotes"]] == ["a"]
    (card,) = log.retract("a").cards
    assert (card.fields["quote_lineage"], [quote["article"] for quote in card.fields["quotes"]]) == (
        [],
        ["b"],
    )


def test_a_story_of_one_article_keeps_no_marks_and_state_with_quotes_alone_is_read():
    log = Log()
    log.take("a", FERRY, quotes=[QUOTE])
    value = next(value for key, value in log.topic.records.items() if key.startswith(b"s/"))
    assert mark_of(PIER).encode() not in value
    at = value.index(b'["')
    rest = orjson.loads(value[at:])
    older = value[:at] + orjson.dumps([*rest[:7], [[PIER, "Ada Obi", None, "a"]], *rest[8:]])
    (quote,) = shown_quotes(read_story(older).utterances)
    assert quote == {"text": PIER, "speaker": "Ada Obi", "speaker_id": None, "article": "a"}
