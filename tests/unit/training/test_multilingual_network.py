"""What needs torch, which CI does not install: losses, workers, layers and smoothing, on small networks."""

import argparse
import copy

import numpy as np
import pytest
from tokenizers import Tokenizer, pre_tokenizers
from tokenizers.models import Unigram

torch = pytest.importorskip("torch", reason="pip install -r training/requirements.txt installs it")
pytest.importorskip("transformers")

from training.batches import TASKS, collate  # noqa: E402
from training.data import AnnotatedArticle  # noqa: E402
from training.examples import IGNORED  # noqa: E402
from training.export import ExportableNetwork  # noqa: E402
from training.multilingual.encoders import pretrained_network  # noqa: E402
from training.multilingual.label_sets import LABEL_SETS  # noqa: E402
from training.multilingual.loop import RunOptions, rate_at, train_in_workers  # noqa: E402
from training.multilingual.losses import label_sets, name_loss, soft_losses, task_losses  # noqa: E402
from training.multilingual.plan import TextPool, joined_and_shuffled, plan_run  # noqa: E402
from training.multilingual.smoothing import smoothed_copy  # noqa: E402
from training.multilingual.train import starting_network  # noqa: E402
from training.network import Network, bert, network_of  # noqa: E402
from worker.nlp.encoder.reader import PieceReader  # noqa: E402
from worker.nlp.encoder.tags import ENTITY_TAGS  # noqa: E402

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
PIECES = (*SPECIAL, *(f"▁{word}" for word in ("Ana", "je", "v", "Brně", ".", "Pavel")), *"abcdefgh.")
SIZES = (64, 12, 2, 128, len(PIECES), 64, 2)


@pytest.fixture
def reader() -> PieceReader:
    vocabulary = [(piece, -1.0 - i / 10) for i, piece in enumerate(PIECES)]
    tokenizer = Tokenizer(Unigram(vocabulary, unk_id=3, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.WhitespaceSplit(),
            pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always"),
        ]
    )
    return PieceReader(tokenizer)


@pytest.fixture
def network() -> Network:
    torch.manual_seed(1)
    torch.set_num_threads(1)
    return Network(bert(SIZES, pieces=len(PIECES), layers=12))


def sentences(count: int) -> list[AnnotatedArticle]:
    return [
        AnnotatedArticle(
            str(i), "test", "Ana je v Brně .", "", ((0, 3, "PERSON"), (9, 13, "LOC")), labels=LABEL_SETS[1],
            language="cs",
        )
        for i in range(count)
    ]  # fmt: skip


def schedule(reader: PieceReader, pieces: int):
    pool = TextPool("cs_test", joined_and_shuffled(sentences(40)), 40 * 15, 1.0)
    return plan_run([pool], reader, pieces=pieces, batch=60, size=40, seed=1)


def test_a_tag_that_is_not_annotated_costs_nothing_where_the_text_says_o():
    scores = torch.zeros(1, 1, len(ENTITY_TAGS))
    scores[0, 0, ENTITY_TAGS.index("S-DATE")] = 20
    outside = torch.tensor([[ENTITY_TAGS.index("O")]])
    costs = [name_loss(scores, outside, torch.tensor([i])).item() for i in range(len(LABEL_SETS))]
    assert costs[0] > 10
    assert max(costs[1:]) < 0.01


def test_a_plan_is_the_same_each_time(reader):
    first, second = (schedule(reader, 500) for _ in range(2))
    assert [[(e.article.text, a, b) for e, a, b in batch] for batch in first] == [
        [(e.article.text, a, b) for e, a, b in batch] for batch in second
    ]
    assert sum(b - a for batch in first for _, a, b in batch) >= 500


def test_the_rate_goes_up_and_comes_down():
    rates = [rate_at(share) for share in (0, 0.05, 0.1, 0.5, 0.9, 1)]
    assert rates == sorted(rates[:3]) + sorted(rates[3:], reverse=True)
    assert max(rates) == pytest.approx(1)
    assert rates[-1] == pytest.approx(0.02)


def train(network: Network, reader: PieceReader, folder, *, stop_after=None, resume=False):
    def loss(trained, cuts, rank):
        batch = collate(cuts, begin=reader.begin, end=reader.end)
        found = trained(batch["ids"], batch["shapes"], batch["spacings"], batch["mask"])
        return task_losses(found, batch, label_sets(cuts), 30)

    options = RunOptions(rate=1e-3, minutes=0, scored_at=(1.0,), seed=1, workers=2, stop_after=stop_after)
    scored = folder / "scored"
    train_in_workers(
        network, schedule(reader, 4000), options, loss,
        lambda mean, rank, workers, name: scored.write_text(name), folder, resume=resume,
    )  # fmt: skip
    return torch.load(folder / "mean.pt", weights_only=True)


def test_a_run_that_goes_on_from_its_checkpoint_ends_as_one_that_was_not_stopped(network, reader, tmp_path):
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    whole.mkdir()
    halves.mkdir()
    expected = train(copy.deepcopy(network), reader, whole)
    train(copy.deepcopy(network), reader, halves, stop_after=32)
    found = train(copy.deepcopy(network), reader, halves, resume=True)
    assert (whole / "scored").read_text() == "100 %"
    assert all(torch.allclose(expected[name], found[name], atol=1e-5) for name in expected)
    start = network.state_dict()
    assert any(not torch.equal(start[name], found[name]) for name in found)


def test_a_run_goes_on_only_from_a_checkpoint_of_its_own_plan(network, reader, tmp_path):
    with pytest.raises(SystemExit, match=r"checkpoint\.pt"):
        train(network, reader, tmp_path, resume=True)
    torch.save({"steps": 1, "network": network.state_dict(), "mean": {}}, tmp_path / "checkpoint.pt")
    with pytest.raises(SystemExit, match="ended with"):
        train(network, reader, tmp_path, resume=True)


def test_a_network_has_the_lowest_of_the_pre_trained_layers(network, tmp_path):
    tensors = dict(network.encoder.state_dict())
    torch.save({"tensors": tensors, "sizes": SIZES}, tmp_path / "start.pt")
    cut = pretrained_network(tmp_path, 5)
    assert len(cut.encoder.encoder.layer) == 5
    for kept, whole in zip(cut.encoder.encoder.layer, network.encoder.encoder.layer, strict=False):
        assert torch.equal(kept.output.dense.weight, whole.output.dense.weight)
    assert len(network_of(cut.state_dict()).encoder.encoder.layer) == 5


def test_frozen_layers_stay_as_they_were(network, reader, tmp_path):
    torch.save(network.state_dict(), tmp_path / "mean.pt")
    options = argparse.Namespace(further=tmp_path / "mean.pt", layers=4, frozen=3)
    found = train(starting_network(options), reader, tmp_path)
    before = network.state_dict()
    changed = {name for name in found if not torch.equal(found[name], before[name])}
    top = "encoder.encoder.layer.3."
    assert {name for name in changed if name.startswith("encoder.")} == {
        n for n in found if n.startswith(top)
    }
    assert {"entities.weight", "entities.bias"} <= changed
    assert not {name for name in changed if name.startswith(("shapes", "spacings"))}


def test_a_teacher_is_followed_where_tokens_begin(reader):
    pool = TextPool("cs_test", joined_and_shuffled(sentences(1)), 15, 1.0)
    windows = plan_run([pool], reader, pieces=5, batch=60, size=40, seed=1)[0]
    batch = collate(windows, begin=reader.begin, end=reader.end)
    torch.manual_seed(1)
    shape = batch["ids"].shape
    taught = [torch.randn(*shape, len(tags)) for tags in TASKS.values()]
    same = soft_losses(tuple(taught), taught, batch, 10)
    assert same > 0, "what a teacher is not sure of costs something even then"
    for task in range(len(TASKS)):
        for begins in (True, False):
            where = torch.nonzero((batch["entities"][0] != IGNORED) == begins)[0, 0]
            other = [scores.clone() for scores in taught]
            other[task][0, where] = -other[task][0, where]
            differs = soft_losses(tuple(other), taught, batch, 10) > same + 1e-4
            assert bool(differs) is begins


def test_a_checkpoint_says_of_what_sizes_the_network_is(network):
    again = network_of(network.state_dict())
    assert again.encoder.config.num_attention_heads == network.encoder.config.num_attention_heads
    assert again.encoder.config.num_hidden_layers == 12


def test_smoothed_activations_change_nothing_in_float(network):
    network = network.eval()
    with torch.no_grad():
        network.encoder.encoder.layer[0].intermediate.dense.weight[5] *= 50
    chance = np.random.default_rng(1)
    ids = torch.from_numpy(chance.integers(5, len(PIECES), (1, 30)))
    extra, mask = torch.ones_like(ids), torch.ones_like(ids)
    changed, smoothing = smoothed_copy(network, [(ids, extra, extra, mask)])
    with torch.inference_mode():
        expected = ExportableNetwork(copy.deepcopy(network), ("entities",))(ids, extra, extra)
        found = ExportableNetwork(changed, ("entities",), smoothing)(ids, extra, extra)
    assert torch.allclose(expected[0], found[0], atol=1e-3)
    assert torch.allclose(expected[1], found[1], atol=1e-3)
    ranges = [s.output.max() / s.output.min() for s in smoothing]
    assert max(ranges) > 5, "a channel as wide as fifty others is divided by more than they are"


def test_the_vector_is_the_mean_after_the_layer_that_is_asked_for(network):
    network = network.eval()
    ids = torch.tensor([[2, 5, 6, 3]])
    ones = torch.ones_like(ids)
    with torch.inference_mode():
        parts = (
            network.encoder.embeddings.word_embeddings(ids) + network.shapes(ones) + network.spacings(ones)
        )
        states = network.encoder(
            inputs_embeds=parts, attention_mask=ones, output_hidden_states=True
        ).hidden_states
        tags, vector = ExportableNetwork(copy.deepcopy(network), ("entities",), vector_layer=6)(
            ids, ones, ones
        )
        last_tags, last = ExportableNetwork(copy.deepcopy(network), ("entities",))(ids, ones, ones)
    assert torch.allclose(vector[0], states[6][0].mean(0), atol=1e-2)
    assert torch.allclose(last[0], states[-1][0].mean(0), atol=1e-2)
    assert not torch.allclose(vector, last, atol=1e-1)
    assert torch.equal(tags, last_tags)
