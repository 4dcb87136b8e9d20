"""What needs torch, which CI does not install: a network of an exported model, fewer layers, soft targets."""

from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, pre_tokenizers
from tokenizers.models import WordPiece

torch = pytest.importorskip("torch", reason="pip install -r training/requirements.txt installs it")
pytest.importorskip("transformers")

from training.batches import collate  # noqa: E402
from training.blank import blank_pipeline  # noqa: E402
from training.data import AnnotatedArticle  # noqa: E402
from training.examples import Example, make_example  # noqa: E402
from training.export import HEADS, write_model  # noqa: E402
from training.multilingual.smoothing import smoothed_copy  # noqa: E402
from training.network import Network, bert  # noqa: E402
from training.prune import narrow  # noqa: E402
from training.restore import network_from, with_layers  # noqa: E402
from training.teach import add_soft_targets, softened  # noqa: E402
from worker.nlp.encoder.encoding import ATTRIBUTION_TAGS  # noqa: E402
from worker.nlp.encoder.reader import PieceReader  # noqa: E402
from worker.nlp.encoder.tags import CONTENT_TAGS, ENTITY_TAGS, ROLE_TAGS  # noqa: E402

# The export tries pieces up to 20,000.
SIZES = (64, 3, 2, 128, 20_000, 64, 2)
WORDS = ("[UNK]", "[CLS]", "[SEP]", "[MASK]", "ana", "moro", "##v", "spoke", "in", "lima", ".")


def small_network(seed: int = 3) -> Network:
    torch.manual_seed(seed)
    network = Network(bert(SIZES, pieces=20_000, layers=3))
    with torch.no_grad():
        # No two alike, as in a trained network: an export stores equal ones once.
        for parameter in network.parameters():
            parameter += 0.02 * torch.randn_like(parameter)
        # As large as trained ones, so that a wrong one shows.
        for linear in (network.entities, network.roles, network.contents):
            torch.nn.init.normal_(linear.weight, std=0.3)
            torch.nn.init.normal_(linear.bias, std=0.3)
    return network.eval()


def scores(network: Network) -> torch.Tensor:
    ids = torch.arange(1000, 1030)[None]
    extra = torch.arange(30)[None] % 5
    with torch.inference_mode():
        return torch.cat(network(ids, extra, extra, torch.ones_like(ids))[:3], dim=-1)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("exported") / "model.onnx"
    write_model(small_network(), path, HEADS, in_float=False)
    return path


def test_a_network_comes_back_from_its_export_but_for_rounding(exported: Path) -> None:
    before, after = scores(small_network()), scores(network_from(exported))
    assert after.shape == (1, 30, len(ENTITY_TAGS) + len(ATTRIBUTION_TAGS))
    assert (before - after).abs().max() < 0.1 * before.std()


def test_an_export_of_what_came_back_is_the_same(exported: Path, tmp_path: Path) -> None:
    write_model(network_from(exported), tmp_path / "model.onnx", HEADS, in_float=False)
    once, twice = network_from(exported), network_from(tmp_path / "model.onnx")
    assert (scores(once) - scores(twice)).abs().max() < 0.02 * scores(once).std()


def test_a_checkpoint_is_read_too(tmp_path: Path) -> None:
    torch.save(small_network().state_dict(), tmp_path / "mean.pt")
    assert torch.equal(scores(network_from(tmp_path / "mean.pt")), scores(small_network()))


@pytest.mark.parametrize(
    ("heads", "in_float", "reason"),
    [(HEADS, True, "this one is in float"), (HEADS[:1], False, "37 tags, a network has 49")],
)
def test_an_export_that_is_no_whole_network_in_integers_is_refused(
    tmp_path: Path, heads: tuple[str, ...], in_float: bool, reason: str
) -> None:
    write_model(small_network(), tmp_path / "model.onnx", heads, in_float=in_float)
    with pytest.raises(ValueError, match=reason):
        network_from(tmp_path / "model.onnx")


def test_an_export_with_smoothed_activations_is_refused(tmp_path: Path) -> None:
    network = small_network()
    ids = torch.arange(1000, 1030)[None]
    ones = torch.ones_like(ids)
    smoothed = smoothed_copy(network, [(ids, ones, ones, ones)])
    write_model(network, tmp_path / "model.onnx", HEADS, in_float=False, smoothed=smoothed)
    with pytest.raises(ValueError, match="smoothed activations"):
        network_from(tmp_path / "model.onnx")


def test_kept_layers_keep_their_weights() -> None:
    network, whole = with_layers(small_network(), [1, 3]), small_network()
    kept = [layer.output.dense.weight for layer in network.encoder.encoder.layer]
    layers = whole.encoder.encoder.layer
    assert len(kept) == network.encoder.config.num_hidden_layers == 2
    assert torch.equal(kept[0], layers[0].output.dense.weight)
    assert torch.equal(kept[1], layers[2].output.dense.weight)


@pytest.mark.parametrize("numbers", [[], [0], [4], [2, 1], [1, 1]])
def test_layers_that_a_network_lacks_are_refused(numbers: list[int]) -> None:
    with pytest.raises(ValueError, match="give some of 1 to 3, each once, in order"):
        with_layers(small_network(), numbers)


def test_softened_scores_sum_to_one_for_each_task() -> None:
    widths = (len(ENTITY_TAGS), len(ROLE_TAGS), len(CONTENT_TAGS))
    probabilities = softened(np.random.default_rng(1).normal(size=(4, sum(widths))))
    for part in np.split(probabilities, np.cumsum(widths)[:-1], axis=1):
        assert np.allclose(part.sum(1), 1)


def example_of(text: str) -> Example:
    tokenizer = Tokenizer(WordPiece({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return make_example(AnnotatedArticle("a1", "own", text), blank_pipeline(), PieceReader(tokenizer))


def test_soft_targets_come_to_the_pieces_that_they_are_of(tmp_path: Path) -> None:
    example = example_of("ana morov spoke in lima .")
    names, roles, contents = len(ENTITY_TAGS), len(ROLE_TAGS), len(CONTENT_TAGS)
    soft = np.random.default_rng(2).random((len(example.pieces), names + roles + contents))
    of_two = np.vstack((soft[:2], soft))
    np.savez(tmp_path / "taught.npz", ids=["a0", "a1"], ends=[2, len(of_two)], soft=of_two)
    add_soft_targets([example], tmp_path / "taught.npz")
    batch = collate([(example, 0, len(example.pieces))])
    assert np.allclose(batch["soft_roles"][0, 1:-1], soft[:, names : names + roles])
    assert np.allclose(batch["soft_contents"][0, 1:-1], soft[:, -contents:])


def test_an_article_without_labels_and_targets_is_refused(tmp_path: Path) -> None:
    soft = np.zeros((2, len(ENTITY_TAGS) + len(ATTRIBUTION_TAGS)))
    np.savez(tmp_path / "taught.npz", ids=["a0"], ends=[2], soft=soft)
    with pytest.raises(ValueError, match="nothing on a1, which has no labels either"):
        add_soft_targets([example_of("ana morov spoke in lima .")], tmp_path / "taught.npz")


def test_soft_targets_of_other_pieces_are_refused(tmp_path: Path) -> None:
    soft = np.zeros((2, len(ENTITY_TAGS) + len(ATTRIBUTION_TAGS)))
    np.savez(tmp_path / "taught.npz", ids=["a1"], ends=[2], soft=soft)
    with pytest.raises(ValueError, match="a1 had 2 pieces, and has 7"):
        add_soft_targets([example_of("ana morov spoke in lima .")], tmp_path / "taught.npz")


def inside(layer: object, states: torch.Tensor) -> torch.Tensor:
    """What a layer's inner part gives, before it is added to the states."""
    dense: torch.Tensor = layer.output.dense(layer.intermediate(states))  # type: ignore[attr-defined]
    return dense


def test_neurons_that_others_stand_for_are_left_out_at_no_cost() -> None:
    network = small_network()
    layer = network.encoder.encoder.layer[1]
    states = torch.randn(4000, 64)
    with torch.no_grad():
        # Each of the second half is one of the first half once more.
        layer.intermediate.dense.weight[64:] = layer.intermediate.dense.weight[:64]
        layer.intermediate.dense.bias[64:] = layer.intermediate.dense.bias[:64]
        before = inside(layer, states)
        given = layer.intermediate(states).double()
        lost = narrow(layer, given, 64)
        after = inside(layer, states)
    assert layer.intermediate.dense.weight.shape == (64, 64)
    assert lost < 0.001
    assert (after - before).square().mean() < 0.002 * before.var()


def test_chosen_neurons_lose_less_than_any_at_random() -> None:
    layer = small_network().encoder.encoder.layer[0]
    with torch.no_grad():
        given = layer.intermediate(torch.randn(4000, 64)).double()
        centred = given - given.mean(0)
        whole = centred @ layer.output.dense.weight.double().T
        losses = []
        for seed in range(5):
            some = centred[:, torch.randperm(128, generator=torch.Generator().manual_seed(seed))[:48]]
            fitted = some @ torch.linalg.lstsq(some, whole).solution
            losses.append(float((fitted - whole).square().sum() / whole.square().sum()))
        assert 0 < narrow(layer, given, 48) < min(losses)


@pytest.mark.parametrize("neurons", [0, 129])
def test_neurons_that_a_layer_lacks_are_refused(neurons: int) -> None:
    layer = small_network().encoder.encoder.layer[0]
    with pytest.raises(ValueError, match=f"{neurons} neurons: give 1 to 128"):
        narrow(layer, torch.randn(10, 128).double(), neurons)


def test_layers_of_several_widths_are_saved_and_exported(tmp_path: Path) -> None:
    network = small_network()
    states = torch.randn(500, 64)
    for layer, neurons in zip(network.encoder.encoder.layer, (128, 32, 64), strict=True):
        with torch.no_grad():
            narrow(layer, layer.intermediate(states).double(), neurons)
    torch.save(network.state_dict(), tmp_path / "start.pt")
    again = network_from(tmp_path / "start.pt")
    assert torch.equal(scores(again), scores(network))
    write_model(again, tmp_path / "model.onnx", HEADS, in_float=False)
    widths = [
        len(one.intermediate.dense.bias)
        for one in network_from(tmp_path / "model.onnx").encoder.encoder.layer
    ]
    assert widths == [128, 32, 64]
