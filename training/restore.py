"""The network of an exported model, whose weights are as exact as its integers: a start for training.

So a shipped encoder can be trained further, or shortened, and no checkpoint in float need be kept.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from training.network import BLOCK, Network, network_of, untrained_network
from worker.nlp.encoder.tags import CONTENT_TAGS, ENTITY_TAGS, ROLE_TAGS

TEXT_KINDS = 2
"""How many kinds of text a BertModel embeds. The export added the first to the shapes."""


FEWEST_CHANNELS = 32
"""No encoder is narrower. All other constants of an exported graph are shapes and single numbers."""


def network_from(path: Path) -> Network:
    """The network of a checkpoint (`.pt`) or of an exported model (`.onnx`), in evaluation mode.

    An exported model has no head for topics, which is a new one then. Raises ValueError if the model lacks a
    weight, or has another one.
    """
    if path.suffix == ".onnx":
        network = _exported_network(path)
    else:
        network = network_of(torch.load(path, weights_only=True))
    network.eval()
    return network


def with_layers(network: Network, numbers: list[int]) -> Network:
    """The network with these layers alone, 1 being the lowest. Raises ValueError for layers it lacks."""
    encoder = network.encoder
    present = len(encoder.encoder.layer)
    if not numbers or numbers != sorted(set(numbers)) or not 1 <= numbers[0] <= numbers[-1] <= present:
        raise ValueError(f"layers {numbers}: give some of 1 to {present}, each once, in order")
    encoder.encoder.layer = torch.nn.ModuleList([encoder.encoder.layer[number - 1] for number in numbers])
    encoder.config.num_hidden_layers = len(numbers)
    return network


def _exported_network(path: Path) -> Network:
    graph = onnx.load(path).graph
    stored = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    split = [len(ENTITY_TAGS), len(ROLE_TAGS), len(CONTENT_TAGS)]
    if not any(name.startswith("tags.1") and name.endswith("_quantized") for name in stored):
        raise ValueError(f"{path}: an exported model in 7-bit integers is wanted, this one is in float")
    if len(stored["bias"]) != sum(split):
        raise ValueError(f"{path}: {len(stored['bias'])} tags, a network has {sum(split)}: it lacks heads")
    if any(node.op_type == "Constant" and _is_channels(node) for node in graph.node):
        raise ValueError(f"{path}: exported with smoothed activations, whose weights are not the network's")
    products = {
        name.removesuffix("_quantized").removesuffix("_Transposed"): _product(
            stored, name.removesuffix("_quantized")
        )
        for name in stored
        if name.endswith("_quantized")
    }
    state = {
        "encoder.embeddings.word_embeddings.weight": _rows(stored),
        "shapes.weight": torch.from_numpy(stored["shapes.1"].copy()),
    }
    bias = torch.from_numpy(stored["bias"].copy())
    for name, weight, offset in zip(
        ("entities", "roles", "contents"), products.pop("tags.1").split(split), bias.split(split), strict=True
    ):
        state |= {f"{name}.weight": weight, f"{name}.bias": offset}
    whole = {
        name: torch.from_numpy(array.copy())
        for name, array in stored.items()
        if name.startswith("network.") and not name.endswith(("_quantized", "_scale", "_zero_point"))
    }
    return _without_topics(
        state | {name.removeprefix("network."): tensor for name, tensor in (whole | products).items()}
    )


def _is_channels(node: Any) -> bool:
    """Whether a constant holds a number for each channel, as smoothing does."""
    return bool(node.attribute) and numpy_helper.to_array(node.attribute[0].t).size >= FEWEST_CHANNELS


def _without_topics(state: dict[str, Tensor]) -> Network:
    """The network of an exported model's weights, which lack the head for topics and the kinds of text."""
    width = state["encoder.embeddings.word_embeddings.weight"].shape[1]
    state["encoder.embeddings.token_type_embeddings.weight"] = torch.zeros(TEXT_KINDS, width)
    network = untrained_network(state)
    missing, unexpected = network.load_state_dict(state, strict=False)
    missing = [name for name in missing if not name.startswith(("topics.", "attention."))]
    if missing or unexpected:
        raise ValueError(f"an exported model that lacks {missing} and has {unexpected}")
    return network


def _product(stored: dict[str, np.ndarray], name: str) -> Tensor:
    """The weights of a product as torch has them, [out, in], from integers with a scale per column."""
    whole, scale, zero = (stored[f"{name}_{part}"] for part in ("quantized", "scale", "zero_point"))
    return torch.from_numpy(((whole.astype(np.float32) - zero) * scale).T.astype(np.float32).copy())


def _rows(stored: dict[str, np.ndarray]) -> Tensor:
    """The word embeddings, float32 [pieces, width], from int8 or 4 bits."""
    if "rows.halves" not in stored:
        # Without a prefix up to pipeline 1.1.0.
        prefix = "rows." if "rows.rows" in stored else ""
        rows = stored[f"{prefix}rows"] * stored[f"{prefix}scale"]
        return torch.from_numpy(rows.astype(np.float32))
    scale = stored["rows.scale"].astype(np.float32)
    halves = stored["rows.halves"].reshape(*scale.shape, BLOCK // 2)
    blocks = np.concatenate((halves & 15, halves >> 4), axis=2).astype(np.float32) - 8
    return torch.from_numpy((blocks * scale[:, :, None]).reshape(len(scale), -1))
