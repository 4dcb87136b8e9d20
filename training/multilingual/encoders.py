"""The multilingual network, made from the pruned start, and its reader."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from training.network import Network, bert
from worker.nlp.encoder.reader import PieceReader


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


def load_reader(start: Path) -> PieceReader:
    """The reader of the pruned vocabulary."""
    return PieceReader(Tokenizer.from_file(str(start / "tokenizer.json")))
