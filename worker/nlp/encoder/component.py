"""The component that runs the trained encoder: once over an article, for every component after it.

It leaves an `Encoding` at `doc._.encoding`. Add it by the factory name "dateline_encoder".
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

# Official builds of onnxruntime send events to their maker unless told not to before they are imported.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import numpy as np
import onnxruntime
from spacy.attrs import IDX, LENGTH
from spacy.language import Language
from spacy.tokens import Doc
from tokenizers import Tokenizer

from worker.nlp.encoder.encoding import ATTRIBUTION_TAGS, Encoding
from worker.nlp.encoder.tags import ENTITY_TAGS, IMPOSSIBLE, ROLE_TAGS
from worker.nlp.encoder.text import text_of
from worker.nlp.encoder.windows import cut
from worker.nlp.encoder.wordpieces import WordPieces, heads, join, pauses, split

BEGIN, END = 101, 102
"""The ids of [CLS] and [SEP]."""

LONGEST_RUN = 16
"""Of the same piece again and again (rows of dashes, a million quotes) the encoder reads this many."""

HEADLINE_PIECES = 64
HEADLINE_CHARS = 2000

SLOWER = ["SkipLayerNormFusion"]
"""ONNX Runtime's fusions to do without: sum and norm in one node take six times as long as in two."""


class Encoder:
    """Word pieces in, scores out, one window a call.

    Never more than one window: an int8 model takes its scale from the whole input, so an article would get
    other scores in other company. `window` counts word pieces; pieces beyond `max_pieces` are not read.
    """

    def __init__(self, *, window: int, max_pieces: int) -> None:
        self.window = window
        self.max_pieces = max_pieces
        self.model: bytes | Path = b""
        self.tokenizer: Tokenizer | None = None
        self.session: onnxruntime.InferenceSession | None = None

    def __call__(self, doc: Doc) -> Doc:
        doc._.encoding = self.encode(doc)
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 1) -> Iterator[Doc]:
        return (self(doc) for doc in stream)

    def encode(self, doc: Doc) -> Encoding:
        """The scores of one article. `doc.user_data["headline"]`, if there, is read before the text."""
        if self.tokenizer is None:
            raise RuntimeError("the encoder has no model yet: load a pipeline with worker.nlp.pipeline.load")
        pieces = split(self.tokenizer, text_of(doc))
        kept = readable(pieces)[: self.max_pieces]
        title = (doc.user_data.get("headline") or "")[:HEADLINE_CHARS]
        headline = split(self.tokenizer, title).take(slice(HEADLINE_PIECES))
        article = join(headline, pieces.take(kept))
        scores, vector = self.read(article)
        tagged = spread(doc, pieces, kept, scores[len(headline) :])
        return Encoding(*tagged[:2], frozen(vector), frozen(article.ids), tagged[2])

    def read(self, pieces: WordPieces) -> tuple[np.ndarray, np.ndarray]:
        """Scores [pieces, tags]; the article's vector [384]."""
        parts, vectors = [], []
        windows = cut(pauses(pieces), size=self.window)
        for start, end in windows:
            inputs = {
                "ids": np.concatenate(([BEGIN], pieces.ids[start:end], [END])),
                "shapes": np.pad(pieces.shapes[start:end], 1),
                "spacings": np.pad(pieces.spacings[start:end], 1),
            }
            tagged, vector = self.session.run(None, {name: array[None] for name, array in inputs.items()})
            parts.append(tagged[0, 1:-1])
            vectors.append(of_length_1(vector[0].astype(np.float64)))
        mean = np.average(vectors, axis=0, weights=[1 + end - start for start, end in windows])
        return np.concatenate(parts), of_length_1(mean).astype(np.float32)

    def start(self, model: bytes | Path, tokenizer: str) -> None:
        """Make the encoder ready, with one thread: the worker scales by processes."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.model = model
        source = model if isinstance(model, bytes) else str(model)
        self.session = onnxruntime.InferenceSession(
            source, options, providers=["CPUExecutionProvider"], disabled_optimizers=SLOWER
        )
        self.tokenizer = Tokenizer.from_str(tokenizer)
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()

    def width(self) -> int:
        """How many scores the model gives a piece: all of `columns`, or only those of entities."""
        return self.session.get_outputs()[0].shape[-1]

    def content(self) -> bytes:
        """The model's bytes; read again from where they are, for a copy would stay in every process."""
        return self.model if isinstance(self.model, bytes) else self.model.read_bytes()

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Everything in one string of bytes: the tokenizer's length, the tokenizer, the model."""
        tokenizer = self.tokenizer.to_str().encode() if self.tokenizer else b""
        return len(tokenizer).to_bytes(8, "big") + tokenizer + self.content()

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> Encoder:
        size = int.from_bytes(data[:8], "big")
        if size:
            self.start(data[8 + size :], data[8 : 8 + size].decode())
        return self

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.onnx").write_bytes(self.content())
        (folder / "tokenizer.json").write_text(self.tokenizer.to_str(), encoding="utf-8")
        (folder / "tags.json").write_text(json.dumps(columns()[: self.width()]), encoding="utf-8")

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> Encoder:
        """Raises ValueError where the model was trained for other tags than this code knows."""
        folder = Path(path)
        known, found = columns(), json.loads((folder / "tags.json").read_text(encoding="utf-8"))
        if found not in (known, list(ENTITY_TAGS)):
            raise ValueError(f"{folder}/tags.json: the model gives {found}, this version takes {known}")
        self.start(folder / "model.onnx", (folder / "tokenizer.json").read_text(encoding="utf-8"))
        return self


def columns() -> list[str]:
    """What the model's scores mean, in order."""
    return [*ENTITY_TAGS, *ATTRIBUTION_TAGS]


def readable(pieces: WordPieces) -> np.ndarray:
    """The indices of all pieces but those deep inside a run of the same piece."""
    size = len(pieces)
    changes = np.flatnonzero(np.diff(pieces.ids, prepend=-1))
    lengths = np.diff(changes, append=size)
    position = np.arange(size) - np.repeat(changes, lengths)
    return np.flatnonzero(position < LONGEST_RUN)


def spread(
    doc: Doc, pieces: WordPieces, kept: np.ndarray, scores: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The scores of the pieces, handed to the tokens they speak for: entities, attribution, heads."""
    offsets = doc.to_array([IDX, LENGTH]).astype(np.int64).reshape(len(doc), 2)
    position = np.full(len(pieces) + 1, -1, dtype=np.int64)
    position[kept] = np.arange(len(kept))
    speaks = position[heads(pieces, offsets[:, 0], offsets.sum(axis=1))]
    silent = speaks < 0
    # A row of zeros for the tokens nobody speaks for.
    tagged = np.concatenate((scores, np.zeros((1, scores.shape[1]), dtype=np.float32)))[speaks]

    entities, roles, contents = np.split(tagged, np.cumsum([len(ENTITY_TAGS), len(ROLE_TAGS)]), axis=1)
    entities = entities.copy()
    entities[silent] = [0.0, *[IMPOSSIBLE] * (len(ENTITY_TAGS) - 1)]
    again = ~silent & (np.diff(speaks, prepend=-1) == 0)
    groups = [group for group in (roles, contents) if group.shape[1]]
    attribution = [probabilities(group, silent, again) for group in groups]
    joined = np.concatenate(attribution, axis=1) if attribution else np.zeros((len(doc), 0), dtype=np.float32)
    return frozen(entities), frozen(joined), frozen(speaks)


def probabilities(scores: np.ndarray, silent: np.ndarray, again: np.ndarray) -> np.ndarray:
    """Softmax over "O", "B-", "I-", ...: "O" where `silent`; no "B-" where a piece speaks `again`."""
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares = odds / odds.sum(axis=1, keepdims=True)
    shares[silent] = np.eye(1, scores.shape[1], dtype=np.float32)
    shares[again, 2::2] += shares[again, 1::2]
    shares[again, 1::2] = 0
    return shares


def of_length_1(vector: np.ndarray) -> np.ndarray:
    """The same to the bit everywhere: numpy's norm adds up in an order that depends on the processor."""
    return vector / math.sqrt(math.fsum((vector * vector).tolist()))


def frozen(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array


@Language.factory(
    "dateline_encoder",
    assigns=["doc._.encoding"],
    default_config={"window": 190, "max_pieces": 65_536},
)
def make_encoder(nlp: Language, name: str, window: int, max_pieces: int) -> Encoder:
    """The encoder without a model: `from_disk`, `from_bytes` or `start` bring it."""
    return Encoder(window=window, max_pieces=max_pieces)
