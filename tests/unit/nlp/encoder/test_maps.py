"""Maps of the scores of tags by language: exact, kept with the encoder, and for their language alone."""

import json

import numpy as np
import pytest
import spacy

from worker.nlp.encoder.component import MAPS, Encoder, mapped
from worker.nlp.encoder.maps import ScoreMap, read_maps, written_maps
from worker.nlp.encoder.tags import ENTITY_TAGS
from worker.nlp.pipeline import SHIPPED

SIZE = len(ENTITY_TAGS)
FOLDER = SHIPPED / "multilingual"
HELSINKI = "Alibaban perustaja Jack Ma puhui Helsingissä."


def random_map(seed: int = 1) -> ScoreMap:
    chance = np.random.default_rng(seed)
    return ScoreMap.of(chance.normal(size=(SIZE, SIZE)), chance.normal(size=SIZE))


def random_scores(tokens: int = 50) -> np.ndarray:
    return np.random.default_rng(2).normal(0, 6, size=(tokens, SIZE)).astype(np.float32)


def same_map(one: ScoreMap, other: ScoreMap) -> bool:
    return bool((one.weights == other.weights).all() and (one.bias == other.bias).all())


def test_a_map_without_a_change_keeps_scores_but_for_their_rounding():
    scores = random_scores()
    found = ScoreMap.of(np.eye(SIZE), np.zeros(SIZE))(scores)
    assert found.dtype == np.float32
    assert abs(found - scores).max() <= 1 / 512


def test_a_bias_is_added():
    bias = np.zeros(SIZE)
    bias[0] = 1.5
    unchanged = ScoreMap.of(np.eye(SIZE), np.zeros(SIZE))(random_scores())
    found = ScoreMap.of(np.eye(SIZE), bias)(random_scores())
    assert np.array_equal(found[:, 0], unchanged[:, 0] + np.float32(1.5))
    assert np.array_equal(found[:, 1:], unchanged[:, 1:])


def test_sums_are_the_same_in_any_order():
    change, scores = random_map(), random_scores()
    order = np.random.default_rng(3).permutation(SIZE)
    turned = ScoreMap(change.weights[order], change.bias)
    assert np.array_equal(turned(scores[:, order]), change(scores))


def test_the_largest_numbers_of_a_map_have_exact_sums_too():
    table = [[64 * 256 * 4096] * SIZE] * (SIZE + 1)
    change = read_maps(json.dumps({"fi": table}), "maps.json")["fi"]
    scores = np.full((1, SIZE), 1e6, np.float32)
    most = 64 * 256 * 4096 * (SIZE * 64 * 256 + 1)
    assert most < 2**53
    assert change(scores)[0, 0] == np.float32(most / (256 * 4096))


def test_maps_are_read_as_they_were_written():
    maps = {"fi": random_map(1), "nb": random_map(2)}
    found = read_maps(written_maps(maps), "maps.json")
    assert list(found) == ["fi", "nb"]
    assert all(same_map(found[language], maps[language]) for language in maps)
    assert read_maps(written_maps({}), "maps.json") == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[]", "'list' object"),
        ("{", "Expecting property name"),
        ('{"fi": [[1, 2]]}', "1 x 2 numbers"),
        ('{"fi": [[1], [1, 2]]}', "inhomogeneous"),
        (json.dumps({"fi": [[0.5] * SIZE] * (SIZE + 1)}), "none of these"),
        (json.dumps({"fi": [[1e15] * SIZE] * (SIZE + 1)}), "none of these"),
    ],
)
def test_a_damaged_file_of_maps_is_an_error_that_names_it(text, says):
    with pytest.raises(ValueError, match=f"^x/maps.json takes .*{says}"):
        read_maps(text, "x/maps.json")


def test_a_token_without_a_head_keeps_its_scores():
    scores = random_scores(3)
    found = mapped(scores, np.array([0, -1, 1]), random_map())
    assert np.array_equal(found[1], scores[1])
    assert not np.array_equal(found[0], scores[0])


def encoder_with(maps: dict[str, ScoreMap]) -> Encoder:
    encoder = spacy.blank("xx").add_pipe("dateline_encoder")
    assert isinstance(encoder, Encoder)
    encoder.from_disk(FOLDER)
    encoder.maps = maps
    return encoder


def test_a_map_changes_the_names_of_its_own_language_alone():
    change = random_map()
    plain, changed = encoder_with({}), encoder_with({"fi": change})
    finnish, swedish = spacy.blank("fi")(HELSINKI), spacy.blank("sv")(HELSINKI)
    before, after = plain.encode(finnish), changed.encode(finnish)
    assert np.array_equal(after.entities, change(before.entities))
    assert np.array_equal(after.attribution, before.attribution)
    assert np.array_equal(changed.encode(swedish).entities, plain.encode(swedish).entities)


def test_an_encoder_written_and_read_again_has_its_maps(tmp_path):
    encoder = encoder_with({"fi": random_map()})
    encoder.to_disk(tmp_path)
    assert same_map(encoder_with({}).from_disk(tmp_path).maps["fi"], encoder.maps["fi"])
    copy = Encoder(window=190, max_pieces=100).from_bytes(encoder.to_bytes())
    assert same_map(copy.maps["fi"], encoder.maps["fi"])


def test_an_encoder_without_maps_takes_away_those_of_the_one_before_it(tmp_path):
    encoder_with({"fi": random_map()}).to_disk(tmp_path)
    encoder_with({}).to_disk(tmp_path)
    assert not (tmp_path / MAPS).exists()
    assert encoder_with({"fi": random_map()}).from_disk(tmp_path).maps == {}
