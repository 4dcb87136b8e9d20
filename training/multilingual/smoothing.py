"""Move the range of activations into the weights, so that a network loses nothing as int8.

ONNX Runtime quantizes a window's activations with one scale. A few channels of this encoder are up to a
hundred times as wide as the others, which are left with a few of the 256 steps. Here each channel is divided
by a number of its own before a product, and the product's weights are multiplied by it: in float the result
is the same (SmoothQuant, Xiao et al. 2023).
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from training.export import Smoothing
from training.network import Network

STRENGTH = 0.75
"""How much of the range moves: 0 none of it, 1 all of it."""

SMALLEST = 1e-5


def products_by_input(layer: Any) -> dict[str, list[nn.Linear]]:
    """The products of a BertLayer by what they read: hidden states, mixed values, or the inner layer."""
    attention = layer.attention
    return {
        "attention": [attention.self.query, attention.self.key, attention.self.value],
        "mixed": [attention.output.dense],
        "inner": [layer.intermediate.dense],
        "output": [layer.output.dense],
    }


def channel_ranges(network: Network, windows: Iterable[tuple[Tensor, ...]]) -> dict[nn.Linear, Tensor]:
    """The largest value of each input channel of each product. `windows` are inputs of the network."""
    widest: dict[nn.Linear, Tensor] = {}

    def watch(linear: nn.Linear, inputs: tuple[Tensor]) -> None:
        found = inputs[0].abs().amax((0, 1))
        widest[linear] = torch.maximum(widest[linear], found) if linear in widest else found

    products = [m for m in network.encoder.encoder.modules() if isinstance(m, nn.Linear)]
    hooks = [linear.register_forward_pre_hook(watch) for linear in products]
    with torch.inference_mode():
        for window in windows:
            network.states(*window)
    for hook in hooks:
        hook.remove()
    return widest


def factors(ranges: Tensor, products: list[nn.Linear], strength: float) -> Tensor:
    """What each channel is divided by: its range against that of its weights."""
    weights = torch.stack([linear.weight.detach().abs().amax(0) for linear in products]).amax(0)
    found = ranges.clamp_min(SMALLEST) ** strength / weights.clamp_min(SMALLEST) ** (1 - strength)
    return found / found.log().mean().exp()


def smoothed_copy(
    network: Network, windows: Iterable[tuple[Tensor, ...]], *, strength: float = STRENGTH
) -> tuple[Network, list[Smoothing]]:
    """A copy of the network with other weights, and what each layer's activations must be multiplied by."""
    network = copy.deepcopy(network).eval()
    ranges = channel_ranges(network, windows)
    layers = []
    with torch.no_grad():
        for layer in network.encoder.encoder.layer:
            found = {}
            for name, products in products_by_input(layer).items():
                factor = factors(ranges[products[0]], products, strength)
                for linear in products:
                    linear.weight *= factor
                found[name] = factor
            # The mixed values are means of values: these take the division, and it costs nothing.
            value = layer.attention.self.value
            value.weight /= found["mixed"][:, None]
            value.bias /= found["mixed"]
            layers.append(Smoothing(*(1 / found[name] for name in ("attention", "inner", "output"))))
    return network, layers
