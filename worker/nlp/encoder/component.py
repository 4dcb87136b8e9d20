"""The component that runs the trained encoder once over an article. Factory name: "dateline_encoder".

It stores an `Encoding` at `doc._.encoding` for the components after it.
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
from spacy.language import Language
from spacy.tokens import Doc
from tokenizers import Tokenizer

from worker.nlp.encoder.encoding import ATTRIBUTION_TAGS, Encoding
from worker.nlp.encoder.reader import PieceReader
from worker.nlp.encoder.tags import ENTITY_TAGS, IMPOSSIBLE, ROLE_TAGS
from worker.nlp.encoder.text import text_of, token_bounds
from worker.nlp.encoder.windows import cut
from worker.nlp.encoder.wordpieces import WordPieces, heads, join

MAX_REPEATS = 16
"""The encoder reads at most so many of a piece repeated in a row (dashes, a million quotes)."""

PIECES = "pieces.model"
"""The vocabulary as a model of sentencepiece, where `tokenizer.json` has none."""

_MAX_HEADLINE_PIECES = 64
_MAX_HEADLINE_CHARS = 2000

DISABLED_OPTIMIZERS = ["SkipLayerNormFusion"]
"""An optimization of ONNX Runtime that makes the model slower: the fused node takes six times as long."""

_NO_MODEL = "the encoder has no model yet: load a pipeline with worker.nlp.pipeline.load"


class Encoder:
    """Runs the model over the word pieces of an article, one window a call.

    Windows are never batched: an int8 model scales by its whole input, so an article's scores would depend
    on what else is in the batch. `window` counts word pieces; pieces beyond `max_pieces` are not read.
    """

    def __init__(self, *, window: int, max_pieces: int) -> None:
        self.window = window
        self.max_pieces = max_pieces
        self.model: bytes | Path = b""
        self.reader: PieceReader | None = None
        self.session: onnxruntime.InferenceSession | None = None

    def __call__(self, doc: Doc) -> Doc:
        doc._.encoding = self.encode(doc)
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 1) -> Iterator[Doc]:
        return (self(doc) for doc in stream)

    def encode(self, doc: Doc) -> Encoding:
        """The scores of one article. A headline at `doc.user_data["headline"]` is read before the text.

        Raises RuntimeError where no model was loaded.
        """
        reader = self._loaded_reader()
        pieces = reader.split(text_of(doc))
        kept = pieces_to_read(pieces)[: self.max_pieces]
        title = (doc.user_data.get("headline") or "")[:_MAX_HEADLINE_CHARS]
        headline = reader.split(title).take(slice(_MAX_HEADLINE_PIECES))
        article = join(headline, pieces.take(kept))
        scores, vector = self.read(article)
        entities, attribution, token_heads = scores_by_token(doc, pieces, kept, scores[len(headline) :])
        return Encoding(entities, attribution, read_only(vector), read_only(article.ids), token_heads)

    def read(self, pieces: WordPieces) -> tuple[np.ndarray, np.ndarray]:
        """The scores [pieces, tags] and the article's vector [384], the mean over its windows."""
        session, reader = self._loaded_session(), self._loaded_reader()
        parts, vectors = [], []
        windows = cut(reader.pauses(pieces), size=self.window)
        for start, end in windows:
            inputs = {
                "ids": np.concatenate(([reader.begin], pieces.ids[start:end], [reader.end])),
                "shapes": np.concatenate(([0], pieces.shapes[start:end], [0])),
                "spacings": np.concatenate(([0], pieces.spacings[start:end], [0])),
            }
            tagged, vector = session.run(None, {name: array[None] for name, array in inputs.items()})
            parts.append(tagged[0, 1:-1])
            vectors.append(unit_vector(vector[0].astype(np.float64)))
        mean = np.average(vectors, axis=0, weights=[1 + end - start for start, end in windows])
        return np.concatenate(parts), unit_vector(mean).astype(np.float32)

    def start(self, model: bytes | Path, tokenizer: str, pieces: bytes = b"") -> None:
        """Load a model and its tokenizer. The model gets one thread, since workers scale by processes.

        `pieces`: as in PieceReader.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.model = model
        source = model if isinstance(model, bytes) else str(model)
        self.session = onnxruntime.InferenceSession(
            source, options, providers=["CPUExecutionProvider"], disabled_optimizers=DISABLED_OPTIMIZERS
        )
        self.reader = PieceReader(Tokenizer.from_str(tokenizer), pieces)

    def width(self) -> int:
        """How many scores the model gives a piece: all of `columns`, or only those of entities."""
        width: int = self._loaded_session().get_outputs()[0].shape[-1]
        return width

    def _loaded_session(self) -> onnxruntime.InferenceSession:
        if self.session is None:
            raise RuntimeError(_NO_MODEL)
        return self.session

    def _loaded_reader(self) -> PieceReader:
        if self.reader is None:
            raise RuntimeError(_NO_MODEL)
        return self.reader

    def content(self) -> bytes:
        """The model's bytes. A model on disk is read anew: a copy would stay in every process's memory."""
        return self.model if isinstance(self.model, bytes) else self.model.read_bytes()

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """The tokenizer and its pieces, each after its length (8 bytes, big-endian), and the model."""
        tokenizer = self.reader.tokenizer.to_str().encode() if self.reader else b""
        parts = (tokenizer, self._pieces())
        return b"".join(len(part).to_bytes(8, "big") + part for part in parts) + self.content()

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> Encoder:
        tokenizer, rest = _first_part(data)
        pieces, model = _first_part(rest)
        if tokenizer:
            self.start(model, tokenizer.decode(), pieces)
        return self

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        reader = self._loaded_reader()
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.onnx").write_bytes(self.content())
        (folder / "tokenizer.json").write_text(reader.tokenizer.to_str(), encoding="utf-8")
        if pieces := self._pieces():
            (folder / PIECES).write_bytes(pieces)
        (folder / "tags.json").write_text(json.dumps(columns()[: self.width()]), encoding="utf-8")

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> Encoder:
        """Load the model. Raises ValueError if it was trained for tags that this code does not know."""
        folder = Path(path)
        known, found = columns(), json.loads((folder / "tags.json").read_text(encoding="utf-8"))
        if found not in (known, list(ENTITY_TAGS)):
            raise ValueError(f"{folder}/tags.json: the model gives {found}, this version takes {known}")
        pieces = (folder / PIECES).read_bytes() if (folder / PIECES).exists() else b""
        self.start(folder / "model.onnx", (folder / "tokenizer.json").read_text(encoding="utf-8"), pieces)
        return self

    def _pieces(self) -> bytes:
        vocabulary = self.reader.sentencepieces if self.reader else None
        return vocabulary.model() if vocabulary else b""


def _first_part(data: bytes) -> tuple[bytes, bytes]:
    """What stands behind its length, and the rest."""
    end = 8 + int.from_bytes(data[:8], "big")
    return data[8:end], data[end:]


def columns() -> list[str]:
    """The tags that the model's scores stand for, in order."""
    return [*ENTITY_TAGS, *ATTRIBUTION_TAGS]


def pieces_to_read(pieces: WordPieces) -> np.ndarray:
    """The indices of the pieces to read: of a piece that repeats, the first MAX_REPEATS."""
    size = len(pieces)
    changes = np.flatnonzero(np.diff(pieces.ids, prepend=-1))
    lengths = np.diff(changes, append=size)
    position = np.arange(size) - np.repeat(changes, lengths)
    return np.flatnonzero(position < MAX_REPEATS)


def scores_by_token(
    doc: Doc, pieces: WordPieces, kept: np.ndarray, scores: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each token's scores, taken from its head among the pieces: entities, attribution and heads."""
    position = np.full(len(pieces) + 1, -1, dtype=np.int64)
    position[kept] = np.arange(len(kept))
    token_heads = position[heads(pieces, *token_bounds(doc))]
    headless = token_heads < 0
    # Index -1, of tokens without a head, is a row of zeros.
    tagged = np.concatenate((scores, np.zeros((1, scores.shape[1]), dtype=np.float32)))[token_heads]

    entities, roles, contents = np.split(tagged, np.cumsum([len(ENTITY_TAGS), len(ROLE_TAGS)]), axis=1)
    entities = entities.copy()
    entities[headless] = [0.0, *[IMPOSSIBLE] * (len(ENTITY_TAGS) - 1)]
    repeated = ~headless & (np.diff(token_heads, prepend=-1) == 0)
    groups = [group for group in (roles, contents) if group.shape[1]]
    attribution = [probabilities(group, headless, repeated) for group in groups]
    joined = np.concatenate(attribution, axis=1) if attribution else np.zeros((len(doc), 0), dtype=np.float32)
    return read_only(entities), read_only(joined), read_only(token_heads)


def probabilities(scores: np.ndarray, headless: np.ndarray, repeated: np.ndarray) -> np.ndarray:
    """Softmax over "O", "B-", "I-", ... of each token.

    `headless` tokens are "O". `repeated` ones share the head of the token before them, so their "B-" counts
    as "I-".
    """
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: np.ndarray = odds / odds.sum(axis=1, keepdims=True)
    shares[headless] = np.eye(1, scores.shape[1], dtype=np.float32)
    shares[repeated, 2::2] += shares[repeated, 1::2]
    shares[repeated, 1::2] = 0
    return shares


def unit_vector(vector: np.ndarray) -> np.ndarray:
    """The vector scaled to length 1, with the same bits on every processor.

    numpy's norm adds in an order that depends on the processor, so fsum adds here.
    """
    return vector / math.sqrt(math.fsum((vector * vector).tolist()))


def read_only(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array


@Language.factory(
    "dateline_encoder",
    assigns=["doc._.encoding"],
    default_config={"window": 190, "max_pieces": 65_536},
)
def make_encoder(nlp: Language, name: str, window: int, max_pieces: int) -> Encoder:
    """The encoder without a model: `from_disk`, `from_bytes` or `start` loads one."""
    return Encoder(window=window, max_pieces=max_pieces)
