"""`dateline score`: how good the pipeline's tags are on gold articles."""

import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import orjson

from worker.commands.gold import GoldArticle, read_gold
from worker.commands.terminal import progress, result_console, say
from worker.nlp.enrich import enrich
from worker.nlp.measure import Counts, compare, match, same_speaker
from worker.nlp.pipeline import load
from worker.records.article import Article, EnrichedArticle
from worker.records.media_topics import topic_name
from worker.settings import Settings

# In a checkout through a link to the repository's seeds/, in an installed package the files themselves.
GOLD = Path(__file__).resolve().parents[1] / "seeds" / "quality"

# The pipeline knows places; gold that has no label for countries calls them LOC, and so compares with both.
_SAME_LABEL = {"GPE": "LOC"}
# Percent; what --check holds the scores against: on news that the model has not seen, and on the project's
# own few articles, where one tag more or less is a point or two.
FLOORS = {"entities": 82.0, "quotes": 92.0, "speakers": 70.0, "topics": 72.0}
OWN_FLOORS = {
    "entities": 86.0,
    "quotes": 95.0,
    "speakers": 87.0,
    "topics": 60.0,
    "scare quotes kept out": 60.0,
}


@dataclass
class Scores:
    """Counts over all articles, by measure and by label or kind."""

    counts: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    details: dict[str, dict[str, Counts]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Counts))
    )
    articles: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    worst: list[tuple[int, str, str]] = field(default_factory=list)
    words: int = 0
    seconds: float = 0.0

    def add(self, measure: str, counts: Counts, details: dict[str, Counts] | None = None) -> None:
        self.counts[measure] += counts
        self.articles[measure] += 1
        for name, part in (details or {}).items():
            self.details[measure][name] += part

    def score(self, measure: str) -> float:
        """In percent: F1, and for speakers the share of found quotes whose speaker is right."""
        counts = self.counts[measure]
        return 100 * (counts.recall if measure in ("speakers", "scare quotes kept out") else counts.f1)


@click.command("score")
@click.option(
    "--data", "folder", type=click.Path(path_type=Path), metavar="FOLDER",
    help="Gold data: ner/, quotes/ and topics/ with *.jsonl. Default: the project's own gold articles.",
)  # fmt: skip
@click.option("--model", metavar="NAME|PATH", help="The spaCy pipeline to score [DATELINE_MODEL].")
@click.option("--all", "everything", is_flag=True, help="Also newspapers that the model was trained on.")
@click.option("--errors", is_flag=True, help="Then the differences, worst articles first.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
@click.option("--check", is_flag=True, help="Exit 1 if a score is below its floor.")
def command(
    folder: Path | None, model: str | None, everything: bool, errors: bool, as_json: bool, check: bool
) -> None:
    """How good the tags are, on gold articles.

    entities: strict F1 (bounds and label). quotes: F1 of direct and mixed quotes (overlap of .8 or more).
    speakers: share of found quotes whose speaker is resolved rightly. topics: F1 over the top-level topics.
    """
    nlp = load(model or Settings.from_env().model or None)
    held_out = frozenset(nlp.meta.get("held_out_sources", ()))
    gold = read_gold(folder or GOLD, held_out=held_out, everything=everything)
    scores = Scores()
    with progress(sum(len(a.text) for a in gold.articles.values())) as bar:
        done = 0
        for article in gold.articles.values():
            began = time.perf_counter()
            enriched = enrich(
                nlp, Article(id=article.id, text=article.text, headline=article.headline, language="en")
            )
            scores.seconds += time.perf_counter() - began
            scores.words += len(article.text.split())
            add_article(scores, article, enriched)
            done += len(article.text)
            bar.update(done, f"{len(scores.worst)} of {len(gold.articles)} articles")
    floors = OWN_FLOORS if folder is None else FLOORS
    if as_json:
        click.echo(orjson.dumps(summary(scores, gold.left_out, nlp.meta)))
    else:
        for line in gold.left_out:
            say(f"left out: {line}")
        show(scores, floors)
    if errors:
        show_errors(scores)
    if check and (
        missed := [m for m, floor in floors.items() if m in scores.counts and scores.score(m) < floor]
    ):
        raise click.ClickException("below the floor: " + ", ".join(missed))


def add_article(scores: Scores, gold: GoldArticle, found: EnrichedArticle) -> None:
    """Compares one article with its gold, for whatever is annotated."""
    differences: list[str] = []
    if gold.entities is not None:
        add_entities(scores, gold, found, differences)
    if gold.quotes is not None:
        add_quotes(scores, gold, found, differences)
    if gold.topics is not None:
        # Gold has the top level alone.
        codes = [topic.code for topic in found.topics if not topic.broader]
        tags = compare(gold.topics, codes)
        scores.add("topics", tags, _by_topic(gold.topics, codes))
        if tags.wrong or tags.missed:
            differences.append(f"topics: {' '.join(codes)}, gold {' '.join(gold.topics)}")
    scores.worst.append((len(differences), gold.id, "\n".join(differences)))


def _by_topic(gold: list[str], found: list[str]) -> dict[str, Counts]:
    """Counts under each topic's name."""
    return {
        topic_name(code) or code: compare([code] * (code in gold), [code] * (code in found))
        for code in sorted({*gold, *found})
    }


def add_entities(scores: Scores, gold: GoldArticle, found: EnrichedArticle, differences: list[str]) -> None:
    expected = {(start, end, _label(label)) for start, end, label in gold.entities or ()}
    got = {
        (mention.start, mention.end, _label(entity.type))
        for entity in found.entities
        for mention in entity.mentions
    }
    by_label = {
        label: compare([s for s in expected if s[2] == label], [s for s in got if s[2] == label])
        for label in sorted({span[2] for span in expected | got})
    }
    scores.add("entities", compare(expected, got), by_label)
    differences += [
        f"missed {label} {gold.text[start:end]!r}" for start, end, label in sorted(expected - got)
    ]
    differences += [f"wrong {label} {gold.text[start:end]!r}" for start, end, label in sorted(got - expected)]


def _label(label: str) -> str:
    return _SAME_LABEL.get(label, label)


def add_quotes(scores: Scores, gold: GoldArticle, found: EnrichedArticle, differences: list[str]) -> None:
    said = [quote for quote in gold.quotes or () if quote["kind"] in ("direct", "mixed")]
    others = [(quote["start"], quote["end"]) for quote in gold.quotes or () if quote["kind"] == "other"]
    got = [quote for quote in found.quotes if quote.kind in ("direct", "mixed")]
    spans = [(quote.start, quote.end) for quote in got]
    pairs = match([(quote["start"], quote["end"]) for quote in said], spans)
    scores.add("quotes", Counts(len(pairs), len(got) - len(pairs), len(said) - len(pairs)))
    exact = compare([(quote["start"], quote["end"]) for quote in said], spans)
    kinds = Counts(sum(said[i]["kind"] == got[j].kind for i, j in pairs))
    scores.details["quotes"]["exact bounds"] += exact
    scores.details["quotes"]["same kind"] += kinds + Counts(
        missed=len(pairs) - kinds.right, wrong=len(pairs) - kinds.right
    )
    taken = len(match(others, spans))
    scores.add("scare quotes kept out", Counts(len(others) - taken, 0, taken))
    names = {j: (q.speaker.name or q.speaker.text) if q.speaker else None for j, q in enumerate(got)}
    right = [same_speaker(said[i].get("speaker") or "", names[j]) for i, j in pairs]
    abstained = sum(names[j] is None and bool(said[i].get("speaker")) for i, j in pairs)
    scores.add("speakers", Counts(sum(right), len(right) - sum(right) - abstained, len(right) - sum(right)))
    differences += [
        f"speaker of {got[j].text[:50]!r}: {names[j]!r}, gold {said[i].get('speaker')!r}"
        for (i, j), ok in zip(pairs, right, strict=True)
        if not ok
    ]
    found_too = {j for _, j in pairs}
    found_gold = {i for i, _ in pairs}
    differences += [f"wrong quote {quote.text[:60]!r}" for j, quote in enumerate(got) if j not in found_too]
    differences += [
        f"missed quote {gold.text[q['start'] : q['end']][:60]!r}"
        for i, q in enumerate(said)
        if i not in found_gold
    ]


def summary(scores: Scores, left_out: list[str], meta: dict[str, Any]) -> dict[str, Any]:
    """Everything that was measured, in percent and counts."""
    return {
        "pipeline": {"name": f"{meta['lang']}_{meta['name']}", "version": meta["version"]},
        "scores": {
            measure: {
                "score": round(scores.score(measure), 2),
                "precision": round(100 * counts.precision, 2),
                "recall": round(100 * counts.recall, 2),
                "articles": scores.articles[measure],
                "by": {name: round(100 * part.f1, 2) for name, part in scores.details[measure].items()},
            }
            for measure, counts in scores.counts.items()
        },
        "words_per_second": round(scores.words / max(scores.seconds, 1e-9)),
        "left_out": left_out,
    }


def show(scores: Scores, floors: dict[str, float]) -> None:
    """A table for a terminal, aligned lines for a pipe."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in ("measure", "score", "floor", "precision", "recall", "articles", "gold"):
        table.add_column(name, justify="left" if name == "measure" else "right", no_wrap=True)
    for measure, counts in scores.counts.items():
        floor = f"{floors[measure]:.0f}" if measure in floors else ""
        articles = str(scores.articles[measure])
        table.add_row(*_row(measure, scores.score(measure), floor, counts, articles), style="bold")
        for name, part in sorted(scores.details[measure].items()):
            table.add_row(*_row(f"  {name}", 100 * part.f1, "", part, ""))
    console = result_console()
    console.print(table)
    rate = scores.words / max(scores.seconds, 1e-9)
    console.print(f"{scores.words:,} words in {scores.seconds:.1f} s, {rate:,.0f} words/s in one process")


def _row(name: str, score: float, floor: str, counts: Counts, articles: str) -> tuple[str, ...]:
    precision, recall = f"{100 * counts.precision:.1f}", f"{100 * counts.recall:.1f}"
    return name, f"{score:.1f}", floor, precision, recall, articles, str(counts.right + counts.missed)


def show_errors(scores: Scores) -> None:
    console = result_console()
    for count, article, differences in sorted(scores.worst, reverse=True):
        if count:
            console.print(f"\n{article}: {count} differences", style="bold", markup=False)
            console.print(differences, markup=False)
