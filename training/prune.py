"""Make a network smaller: python -m training.prune --data FOLDER --start FILE --neurons N ... --output FILE

Leaves out the neurons of each layer's inner part that can best be done without, and then whole layers.
Nothing is trained: the weights that read the neurons that stay are fitted by least squares to what all of
them gave. What comes out is a start for `training.train`, with `--like` the network that it was made of.

A neuron costs what the fitted output loses without it, as in Hassibi and Stork, "Second order derivatives for
network pruning: Optimal Brain Surgeon" (NIPS 1992).
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from training.batches import collate, inputs_of
from training.blank import blank_pipeline
from training.data import read_corpus
from training.examples import Window, make_example, windows
from training.network import Network, pretrained_reader
from training.restore import network_from, with_layers
from training.teach import WINDOW

_ARTICLES = 120
"""So many articles' windows show what neurons give: some 400 windows with 70,000 pieces."""

_FEWEST_CHARS = 800
_BATCH_WINDOWS = 16

_RIDGE = 1e-3
"""What is added to each neuron's variance, as a share of the mean of all."""


def activations(network: Network, batches: list[list[Window]]) -> Iterator[tuple[Any, Tensor]]:
    """Each layer, and what its inner neurons give for all pieces: float64 [pieces, neurons]."""
    layers = list(network.encoder.encoder.layer)
    found: list[list[Tensor]] = [[] for _ in layers]
    present = torch.zeros(0, dtype=torch.bool)

    def keeping(into: list[Tensor]) -> Callable[[nn.Module, Any, Tensor], None]:
        return lambda _module, _inputs, output: into.append(output[present].float())

    hooks = [
        layer.intermediate.register_forward_hook(keeping(into))
        for layer, into in zip(layers, found, strict=True)
    ]
    with torch.inference_mode():
        for cuts in batches:
            batch = collate(cuts)
            present = batch["mask"].bool()
            network.states(*inputs_of(batch))
    for hook in hooks:
        hook.remove()
    for layer, parts in zip(layers, found, strict=True):
        yield layer, torch.cat(parts).double()
        parts.clear()


def narrow(layer: Any, given: Tensor, neurons: int) -> float:
    """Keep so many of a layer's inner neurons. `layer`: a BertLayer. `given`: float64 [pieces, neurons].

    Returns the share of the output's variance that is lost. Raises ValueError if there are not so many.
    """
    inner, outer = layer.intermediate.dense, layer.output.dense
    present = len(inner.bias)
    if not 0 < neurons <= present:
        raise ValueError(f"{neurons} neurons: give 1 to {present}")
    mean, weight = given.mean(0), outer.weight.detach().double()
    centred = given - mean
    whole = centred @ weight.T
    shared = centred.T @ centred / len(given)
    inverse = torch.linalg.inv(shared + _RIDGE * shared.diagonal().mean() * torch.eye(present).double())
    fitted = inverse @ shared @ weight.T
    kept = torch.ones(present, dtype=torch.bool)
    for _ in range(present - neurons):
        cost = torch.where(kept, fitted.square().sum(1) / inverse.diagonal(), torch.inf)
        out = int(cost.argmin())
        # Without it: what the others need to stand for it.
        share = inverse[:, out] / inverse[out, out]
        fitted = fitted - share[:, None] * fitted[out]
        inverse = inverse - share[:, None] * inverse[out]
        inverse[out, out] = 1
        kept[out] = False
    fitted = fitted[kept]
    bias = outer.bias.detach().double() + weight @ mean - fitted.T @ mean[kept]
    lost = (centred[:, kept] @ fitted - whole).square().sum()
    layer.intermediate.dense = _linear(inner.weight.detach()[kept], inner.bias.detach()[kept])
    layer.output.dense = _linear(fitted.T, bias)
    return float(lost / whole.square().sum())


def _linear(weight: Tensor, bias: Tensor) -> nn.Linear:
    linear = nn.Linear(weight.shape[1], weight.shape[0])
    linear.weight.data, linear.bias.data = weight.float().contiguous(), bias.float()
    return linear


def _windows(data: Path) -> list[list[Window]]:
    chance, nlp, reader = random.Random(1), blank_pipeline(), pretrained_reader()
    articles = [a for a in read_corpus(data, everything=True).train if len(a.text) > _FEWEST_CHARS]
    cuts = [
        cut
        for article in chance.sample(articles, _ARTICLES)
        for cut in windows(make_example(article, nlp, reader), size=WINDOW, chance=chance)
    ]
    return [cuts[first : first + _BATCH_WINDOWS] for first in range(0, len(cuts), _BATCH_WINDOWS)]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--start", type=Path, required=True, help="a checkpoint, or a model.onnx")
    parser.add_argument("--neurons", type=int, nargs="+", required=True, help="of each of its layers")
    parser.add_argument("--layers", type=int, nargs="+", help="which layers stay, 1 is the lowest")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    network = network_from(options.start)
    layers = len(network.encoder.encoder.layer)
    if len(options.neurons) != layers:
        parser.error(f"--neurons: {len(options.neurons)} numbers, the network has {layers} layers")
    seen = activations(network, _windows(options.data))
    for number, ((layer, given), neurons) in enumerate(zip(seen, options.neurons, strict=True), start=1):
        lost = narrow(layer, given, neurons)
        print(f"layer {number}: {neurons} neurons, {100 * lost:.1f} % of the output's variance lost")
    if options.layers:
        with_layers(network, options.layers)
    torch.save(network.state_dict(), options.output)
    print(options.output)


if __name__ == "__main__":
    main()
