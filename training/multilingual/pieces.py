"""A tokenizer's vocabulary as a model of sentencepiece, which the worker reads in a third of the memory."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

from tokenizers import Tokenizer

_NORMAL, _UNKNOWN, _CONTROL = 1, 2, 3
"""The types of pieces in a model of sentencepiece."""

_CONTROLS = frozenset({"<s>", "<pad>", "</s>", "<mask>"})


def empty_model() -> Any:
    """A model of sentencepiece, to be filled. Training writes and reads them with protobuf."""
    # Its classes are made when it is imported, so that mypy sees none.
    return import_module("sentencepiece.sentencepiece_model_pb2").ModelProto()


def sentencepiece_model(tokenizer: Tokenizer) -> bytes:
    """The vocabulary of a Unigram tokenizer. Words come to it normalized and cut, and it leaves them so."""
    unigram = json.loads(tokenizer.to_str())["model"]
    model = empty_model()
    for index, (piece, score) in enumerate(unigram["vocab"]):
        kind = _UNKNOWN if index == unigram["unk_id"] else _CONTROL if piece in _CONTROLS else _NORMAL
        model.pieces.add(piece=piece, score=score, type=kind)
    ids = {piece: index for index, (piece, _) in enumerate(unigram["vocab"])}
    trainer = model.trainer_spec
    trainer.model_type = trainer.UNIGRAM
    trainer.unk_id, trainer.bos_id = unigram["unk_id"], ids["<s>"]
    trainer.eos_id, trainer.pad_id = ids["</s>"], ids["<pad>"]
    rules = model.normalizer_spec
    rules.name = "identity"
    rules.add_dummy_prefix = rules.remove_extra_whitespaces = rules.escape_whitespaces = False
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def without_vocabulary(tokenizer: Tokenizer) -> str:
    """The tokenizer's JSON with its rules, and of its vocabulary the unknown piece alone."""
    whole = json.loads(tokenizer.to_str())
    model = whole["model"]
    model["vocab"], model["unk_id"] = [model["vocab"][model["unk_id"]]], 0
    return json.dumps(whole, ensure_ascii=False)
