"""The tag schemes of the encoder, and the decoding of its scores into spans that obey them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

ENTITY_LABELS = ("PERSON", "ORG", "LOC", "FAC", "NORP", "PRODUCT", "MISC", "DATE", "MONEY")
ENTITY_TAGS = ("O", *(f"{prefix}-{label}" for label in ENTITY_LABELS for prefix in "BIES"))
"""Begin, inside, end, single: the encoder's entity scores have one column a tag, in this order."""

ROLE_TAGS = ("O", "B-SOURCE", "I-SOURCE", "B-CUE", "I-CUE")
"""The source (who says it) and the cue (by which words). They may overlap with CONTENT_TAGS."""

CONTENT_TAGS = ("O", "B-DIRECT", "I-DIRECT", "B-MIXED", "I-MIXED", "B-INDIRECT", "I-INDIRECT")
"""The content: what is said, by kind of quote."""

IMPOSSIBLE = np.float32(-1e4)
"""The score of a tag or transition that must not be chosen."""

Transitions = tuple[np.ndarray, np.ndarray, np.ndarray]
"""The penalties of a tag scheme, 0 or IMPOSSIBLE: from tag to tag [n, n], to begin [n], to end [n]."""

LabelledTokens = tuple[int, int, str]
"""A labelled span of tokens: first, one past the last, label."""


def encode_spans(spans: Sequence[LabelledTokens], length: int, tags: Sequence[str]) -> np.ndarray:
    """The tag index of each of `length` tokens, for spans that do not overlap. BIOES or BIO as `tags` say."""
    index = {tag: i for i, tag in enumerate(tags)}
    single = any(tag.startswith("S-") for tag in tags)
    encoded = np.zeros(length, dtype=np.int64)
    for start, end, label in spans:
        encoded[start:end] = index[f"I-{label}"]
        encoded[start] = index[f"B-{label}"]
        if single:
            encoded[end - 1] = index[f"E-{label}" if end - start > 1 else f"S-{label}"]
    return encoded


def transitions(tags: Sequence[str]) -> Transitions:
    """Which tags may follow each other in a scheme, and which may begin and end a sequence."""
    single = any(tag.startswith("S-") for tag in tags)
    opens = [tag != "O" and (tag[0] in "BI" if single else False) for tag in tags]
    step = np.zeros((len(tags), len(tags)), dtype=np.float32)
    for i, before in enumerate(tags):
        for j, after in enumerate(tags):
            continues = after[0] in "IE"
            same = before != "O" and before[2:] == after[2:] and before[0] in "BI"
            if (continues and not same) or (opens[i] and not (continues and same)):
                step[i, j] = IMPOSSIBLE
    first = np.array([IMPOSSIBLE if tag[0] in "IE" else 0 for tag in tags], dtype=np.float32)
    last = np.array([IMPOSSIBLE if is_open else 0 for is_open in opens], dtype=np.float32)
    return step, first, last


def best_path(scores: np.ndarray, rules: Transitions) -> np.ndarray:
    """The allowed tag sequence with the highest total score (Viterbi).

    `scores` is float32 [tokens, tags], `rules` as `transitions` gives them. Each token gets its best tag;
    only stretches in which these break the rules are searched.
    """
    step, first, last = rules
    greedy: np.ndarray = scores.argmax(axis=1)
    if not len(greedy):
        return greedy
    broken = np.flatnonzero(step[greedy[:-1], greedy[1:]] < 0)
    edges = first[greedy[0]] < 0 or last[greedy[-1]] < 0
    if not len(broken) and not edges:
        return greedy
    # No span crosses a sure "O", so each stretch between two of them can be searched by itself.
    confident = (greedy == 0) & (scores[:, 0] - scores[:, 1:].max(axis=1) > 4)
    boundaries = np.concatenate(([-1], np.flatnonzero(confident), [len(greedy)]))
    violations = np.concatenate((broken, [0, len(greedy) - 1])) if edges else broken
    path = greedy.copy()
    for k in np.unique(np.searchsorted(boundaries, violations, side="right")):
        start, end = boundaries[k - 1] + 1, boundaries[k] if k < len(boundaries) else len(greedy)
        if start < end:
            path[start:end] = viterbi(scores[start:end], rules)
    return path


def viterbi(scores: np.ndarray, rules: Transitions) -> np.ndarray:
    """The allowed sequence with the highest total score, by exhaustive dynamic programming."""
    step, first, last = rules
    back = np.zeros(scores.shape, dtype=np.int64)
    total, every = scores[0] + first, np.arange(len(step))
    for i in range(1, len(scores)):
        candidates = total[:, None] + step
        back[i] = candidates.argmax(axis=0)
        total = candidates[back[i], every] + scores[i]
    path = np.zeros(len(scores), dtype=np.int64)
    path[-1] = (total + last).argmax()
    for i in range(len(scores) - 1, 0, -1):
        path[i - 1] = back[i, path[i]]
    return path


def decode_spans(path: Sequence[int] | np.ndarray, tags: Sequence[str]) -> list[LabelledTokens]:
    """The labelled spans of a tag sequence, in order. An inside tag with no span open begins one."""
    found: list[LabelledTokens] = []
    start, label = 0, ""
    for i, tag in enumerate((*(tags[k] for k in np.asarray(path).tolist()), "O")):
        if label and (tag[0] in "OBS" or tag[2:] != label):
            found.append((start, i, label))
            label = ""
        if tag != "O" and not label:
            start, label = i, tag[2:]
        if label and tag[0] in "ES":
            found.append((start, i + 1, label))
            label = ""
    return found
