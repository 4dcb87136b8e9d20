"""Export a checkpoint as an int8 ONNX model: python -m training.export --checkpoint FILE --output FOLDER

The weights of matrix products become 7-bit integers with a scale per column (`reduce_range`): CPUs without
VNNI add pairs of products in 16 bits, where 8-bit weights would overflow and change the result. The word
embeddings stay in 4 bits where they are, and else become int8 with a scale per row. Activations stay float in
the file; ONNX Runtime quantizes them at run time, window by window.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from training.network import Network, stored_rows
from training.restore import network_from

INPUTS = ("ids", "shapes", "spacings")
HEADS = ("entities", "roles", "contents")
OPEN_HEADS = HEADS[:1]
"""The heads that data with open licences can train: no such data says who said what."""


@dataclass(frozen=True)
class Smoothing:
    """What a layer's activations are multiplied by before the attention, the inner layer and its output.

    The weights that read them have been divided by it.
    """

    attention: Tensor
    inner: Tensor
    output: Tensor


class ExportableNetwork(nn.Module):
    """The network for one window without padding: no mask, one product for all heads, small word embeddings.

    From the embeddings on there is no batch axis. With one, ONNX Runtime would copy queries, keys and values
    into another order first; without it, its matrix products read them where they are.
    """

    shapes: Tensor
    tags: Tensor
    bias: Tensor

    def __init__(
        self,
        network: Network,
        heads: tuple[str, ...],
        smoothing: list[Smoothing] | None = None,
        *,
        vector_layer: int | None = None,
    ) -> None:
        """`vector_layer`: after how many layers the vector is their mean; all unless it is given."""
        super().__init__()
        self.network = network
        layers = len(network.encoder.encoder.layer)
        self.vector_layer = vector_layer or layers
        unsmoothed = [None] * layers
        self.smoothing: list[Smoothing | None] = list(smoothing or unsmoothed)
        embeddings = network.encoder.embeddings
        self.rows = stored_rows(embeddings.word_embeddings.weight.detach())
        # `rows` replaces the float table, which would be exported too.
        embeddings.word_embeddings = nn.Identity()
        kind = embeddings.token_type_embeddings.weight[0]
        self.register_buffer("shapes", (network.shapes.weight + kind).detach())
        linears = [getattr(network, head) for head in heads]
        self.register_buffer("tags", torch.cat([linear.weight for linear in linears]).detach())
        self.register_buffer("bias", torch.cat([linear.bias for linear in linears]).detach())

    def forward(self, ids: Tensor, shapes: Tensor, spacings: Tensor) -> tuple[Tensor, Tensor]:
        ids, shapes, spacings = ids.squeeze(0), shapes.squeeze(0), spacings.squeeze(0)
        encoder, embeddings = self.network.encoder, self.network.encoder.embeddings
        hidden = self.rows(ids) + self.shapes[shapes] + self.network.spacings(spacings)
        hidden = embeddings.LayerNorm(hidden + embeddings.position_embeddings.weight[: ids.shape[0]])
        vector = hidden
        for number, layer in enumerate(encoder.encoder.layer, start=1):
            hidden = block(layer, hidden, self.smoothing[number - 1])
            if number == self.vector_layer:
                vector = hidden.mean(0, keepdim=True)
        tags = nn.functional.linear(hidden, self.tags, self.bias)
        return tags.unsqueeze(0), vector


def block(layer: Any, hidden: Tensor, smoothing: Smoothing | None = None) -> Tensor:
    """One transformer layer on [pieces, width], without mask and dropout. `layer`: a BertLayer."""
    attention = layer.attention.self
    count, width = attention.num_attention_heads, attention.attention_head_size

    read = hidden if smoothing is None else hidden * smoothing.attention

    def by_head(linear: nn.Linear) -> Tensor:
        projected: Tensor = linear(read)
        return projected.view(-1, count, width)

    scores = by_head(attention.query).permute(1, 0, 2) @ by_head(attention.key).permute(1, 2, 0) * width**-0.5
    mixed = weighted_mean(scores, by_head(attention.value).permute(1, 0, 2))
    mixed = mixed.permute(1, 0, 2).reshape(-1, count * width)
    hidden = layer.attention.output.LayerNorm(layer.attention.output.dense(mixed) + hidden)
    read_inside = hidden if smoothing is None else hidden * smoothing.inner
    inner = nn.functional.gelu(layer.intermediate.dense(read_inside))
    if smoothing is not None:
        inner = inner * smoothing.output
    output: Tensor = layer.output.LayerNorm(layer.output.dense(inner) + hidden)
    return output


def weighted_mean(scores: Tensor, values: Tensor) -> Tensor:
    """`scores.softmax(-1) @ values`, with the same bits on processors with AVX2 and with AVX-512.

    ONNX Runtime's Softmax is the only operator of the graph whose order of summation depends on the
    processor. Activations are rounded to integers afterwards, so that a difference in a float's last bit can
    change a tag's score by half a point. The bounds keep exp and its sum finite; no score of a text comes
    near them.
    """
    weights = scores.clamp(-60.0, 60.0).exp()
    return (weights @ values) / weights.sum(-1, keepdim=True)


Smoothed = tuple[Network, list[Smoothing]]
"""A network whose weights take smoothed activations, and how these are smoothed in each layer."""


def export_float_model(
    network: Network,
    path: Path,
    heads: tuple[str, ...],
    smoothed: Smoothed | None = None,
    *,
    vector_layer: int | None = None,
) -> None:
    """Write the model in float. Raises SystemExit if it computes something else than the network."""
    network = network.eval()
    ids = torch.randint(1000, 20000, (1, 50))
    extra = torch.randint(1, 5, (1, 50))
    with torch.inference_mode():
        expected = torch.cat(network(ids, extra, extra, torch.ones_like(ids))[: len(heads)], dim=-1)
    changed, smoothing = smoothed or (network, None)
    exported = ExportableNetwork(changed, heads, smoothing, vector_layer=vector_layer).eval()
    with torch.inference_mode():
        found = exported(ids, extra, extra)[0]
    worst = (found - expected).abs().max().item()
    if worst > 0.3:  # int8 rows of the embeddings; all else is exact
        raise SystemExit(
            f"the exported graph is off by {worst:.3f}: block() no longer matches transformers' BertLayer"
        )
    torch.onnx.export(
        exported,
        (ids, extra, extra),
        str(path),
        input_names=list(INPUTS),
        output_names=["tags", "vector"],
        dynamic_axes={name: {1: "pieces"} for name in (*INPUTS, "tags")},
        opset_version=17,
        dynamo=False,
    )


def check_16_bit_sums(path: Path) -> None:
    """Raise SystemExit if the products of two adjacent weights of a column may not fit in 16 bits together.

    Activations are 0 to 255. Processors without VNNI add the products of weights that are one below the other
    in 16 bits and clip the sum.
    """
    for tensor in onnx.load(path).graph.initializer:
        if tensor.name.endswith("_quantized"):
            sizes = np.abs(onnx.numpy_helper.to_array(tensor).astype(np.int64))
            worst = 255 * int((sizes[0::2] + sizes[1::2]).max())
            if worst >= 2**15:
                raise SystemExit(f"{tensor.name}: a sum of {worst} is beyond 16 bits")


def write_model(
    network: Network,
    path: Path,
    heads: tuple[str, ...],
    *,
    in_float: bool,
    smoothed: Smoothed | None = None,
    vector_layer: int | None = None,
) -> None:
    """Write the model as int8, or in float, and print its size. `vector_layer`: as in ExportableNetwork."""
    if in_float:
        export_float_model(network, path, heads, smoothed, vector_layer=vector_layer)
    else:
        with tempfile.TemporaryDirectory() as folder:
            whole = Path(folder) / "float.onnx"
            export_float_model(network, whole, heads, smoothed, vector_layer=vector_layer)
            quantize_dynamic(
                whole,
                path,
                op_types_to_quantize=["MatMul"],
                per_channel=True,
                reduce_range=True,
                weight_type=QuantType.QInt8,
                extra_options={"MatMulConstBOnly": True},
            )
        check_16_bit_sums(path)
    print(
        path,
        round(path.stat().st_size / 1e6, 1),
        "MB",
        sum(np.prod(t.dims) for t in onnx.load(path).graph.initializer),
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--float", action="store_true", help="don't quantize, to see what that costs")
    parser.add_argument("--open", action="store_true", help="without attribution, which no open data trains")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    write_model(
        network_from(options.checkpoint),
        options.output / "model.onnx",
        OPEN_HEADS if options.open else HEADS,
        in_float=options.float,
    )


if __name__ == "__main__":
    main()
