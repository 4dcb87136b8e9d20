"""The multilingual networks: made from the pruned start, or from a checkpoint of training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor
from transformers import BertConfig, BertModel

from training.network import Network
from worker.nlp.encoder.reader import PieceReader


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


def pretrained_network(start: Path, layers: int) -> Network:
    """The network of the lowest layers of what training.multilingual.vocabulary wrote to `start`."""
    packed = torch.load(start / "start.pt", weights_only=True)
    tensors: dict[str, Tensor] = packed["tensors"]
    kept = {
        name: tensor
        for name, tensor in tensors.items()
        if not name.startswith("encoder.layer.") or int(name.split(".")[2]) < layers
    }
    encoder = bert(packed["sizes"], pieces=len(kept["embeddings.word_embeddings.weight"]), layers=layers)
    encoder.load_state_dict(kept)
    return Network(encoder)


def network_of(state: dict[str, Tensor]) -> Network:
    """A network with the parameters of a checkpoint, whose sizes it takes from their shapes."""
    pieces, width = state["encoder.embeddings.word_embeddings.weight"].shape
    positions = len(state["encoder.embeddings.position_embeddings.weight"])
    types = len(state["encoder.embeddings.token_type_embeddings.weight"])
    inner = len(state["encoder.encoder.layer.0.intermediate.dense.bias"])
    layers = 1 + max(int(name.split(".")[3]) for name in state if name.startswith("encoder.encoder.layer."))
    # Attention heads are 32 wide in MiniLM and e5-small alike.
    network = Network(
        bert((width, layers, width // 32, inner, pieces, positions, types), pieces=pieces, layers=layers)
    )
    network.load_state_dict(state)
    return network


def load_reader(start: Path) -> PieceReader:
    """The reader of the pruned vocabulary."""
    return PieceReader(Tokenizer.from_file(str(start / "tokenizer.json")))
