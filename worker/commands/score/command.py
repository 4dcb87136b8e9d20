"""`dateline score`: measures how good the pipeline's tags are, on gold articles."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click

from worker.commands.score.errors import show_errors, worst
from worker.commands.score.languages import (
    languages_summary,
    quotes_below_floors,
    quotes_summary,
    scores_by_set,
    sets_below_floors,
    show_languages,
    show_quotes,
)
from worker.commands.score.page import page
from worker.commands.score.stories import score_story_file
from worker.commands.score.table import scores_summary, show_scores, show_sources
from worker.commands.score.topics import show_topics, topics_below_floors, topics_summary
from worker.commands.shell.numbers import WholeNumber
from worker.commands.shell.output import print_json, result_console, say
from worker.commands.shell.terminal import Problem, counted, progress
from worker.commands.shell.variables import PIPELINE_SETTINGS, reads
from worker.nlp.by_language import pipelines_of
from worker.nlp.enrich import enrich
from worker.nlp.pipeline import SHIPPED, pipeline_version
from worker.records.article import Article, EnrichedArticle, PipelineVersion
from worker.scoring.compare import compare_article
from worker.scoring.gold import Gold, read_gold
from worker.scoring.totals import Scores
from worker.settings import Settings

# `worker/seeds` is a link to the repository's seeds/ in a checkout, and a folder in an installed package.
OWN_GOLD = Path(__file__).resolve().parents[2] / "seeds" / "quality"

# The lowest scores that --check accepts, in percent: FLOORS for news that the model has not seen, OWN_FLOORS
# for the project's own articles, which are so few that one tag more or less makes a point or two.
FLOORS = {
    "entities": 87.0,
    "names": 89.0,
    "quotes": 95.0,
    "scare quotes kept out": 84.6,
    "speakers": 85.0,
    "attributions": 62.0,
    "attribution parts": 88.0,
    "topics": 80.0,
    "sure topics": 93.0,
    "sure topics, recall": 45.0,
}
OWN_FLOORS = {
    "entities": 88.0,
    "names": 89.0,
    "quotes": 96.0,
    "speakers": 93.0,
    "topics": 63.0,
    "scare quotes kept out": 60.0,
}
MAX_MODEL_BYTES = 90_000_000
_ENGLISH = "en"


@reads(*PIPELINE_SETTINGS)
@click.command("score")
@click.option(
    "--data", "folder", type=click.Path(path_type=Path), metavar="FOLDER",
    help="Gold data: ner/, quotes/ and topics/ with *.jsonl. Default: the project's own gold articles.",
)  # fmt: skip
@click.option(
    "--stories", "stories", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Scores stories instead: JSON lines of articles, each with its `story`, in the order to read them.",
)  # fmt: skip
@click.option("--model", metavar="NAME|PATH", help="The spaCy pipeline to score [DATELINE_MODEL].")
@click.option("--all", "everything", is_flag=True, help="Also what the model was trained on.")
@click.option("--by-source", is_flag=True, help="Then the scores of each newspaper.")
@click.option("--errors", is_flag=True, help="Then the articles with differences, marked, worst first.")
@click.option("--worst", "count", type=WholeNumber(1), help="No more than so many of them.  [default: all]")
@click.option(
    "--html", "html", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Writes these articles as a page to look through.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
@click.option("--check", is_flag=True, help="Exit 1 if a score is below its floor.")
def command(
    folder: Path | None, stories: Path | None, model: str | None, everything: bool, by_source: bool,
    errors: bool, count: int | None, html: Path | None, as_json: bool, check: bool,
) -> None:  # fmt: skip
    """How good the tags are, on gold articles, each score with a 95 % interval.

    entities: strict F1 (bounds and label), names: of PERSON, ORG and LOC. quotes: F1 of direct and mixed
    quotes (overlap of .8 or more). speakers: share of found quotes whose speaker is resolved rightly.
    attributions: F1 of everything that is attributed, reports without marks too; their parts: source and cue.
    topics: F1 over the top level; sure ones: precision and recall of those with a confidence of .9 or more;
    first topic: of the articles that have one, the share whose most confident one is right.
    These are of English, where gold has any; then comes a line of names for each language and set of gold,
    one of quotes for each language, and one of topics for each language or set of categories. direct quotes
    found, direct speakers: of attributions that gold calls direct, the share that was found, and of these the
    share whose speaker's mention or entity is right.

    --stories: BCubed (precision, recall, F1), V-measure and CEAF-e of the stories that `dateline stories
    assign` finds. It goes with --model and --json alone.
    """
    if stories is not None:
        _refuse_others(folder, everything, by_source, errors, count, html, check)
        score_story_file(Settings.from_env(model=model), stories, as_json=as_json)
        return
    if html and not html.absolute().parent.is_dir():
        raise Problem(f"--html: there is no folder {str(html.parent)!r}")
    scored = _score(Settings.from_env(model=model), folder or OWN_GOLD, everything=everything)
    scores = scored.main_scores
    floors = {} if scored.main != _ENGLISH else OWN_FLOORS if folder is None else FLOORS
    by_set = scores_by_set(scored.by_language)
    size = model_bytes(scored.folder)
    shown = worst((found for part, _ in scored.by_language.values() for found in part.compared), count)
    if html:
        html.write_text(page(shown, scores), encoding="utf-8")
        say(f"wrote {html}: {counted(len(shown), 'article')}")
    if as_json:
        summary = scores_summary(scores, scored.left_out, scored.version)
        by_language = {
            "languages": languages_summary(by_set),
            "quotes": quotes_summary(scored.by_language),
            "topics": topics_summary(scored.by_language),
        }
        print_json(summary | by_language | {"model_bytes": size})
    else:
        for line in scored.left_out:
            say(f"left out: {line}")
        show_scores(scores, floors, size)
        if len(scored.by_language) > 1 or scored.main != _ENGLISH:
            show_languages(by_set)
            show_quotes(scored.by_language)
            show_topics(scored.by_language)
        if by_source:
            show_sources(scored.by_source)
        if errors:
            show_errors(result_console(), shown)
    if check:
        missed = below_floors(scores, floors) + sets_below_floors(by_set)
        missed += quotes_below_floors(scored.by_language) + topics_below_floors(scored.by_language)
        _refuse_worse(missed, size)


@dataclass(frozen=True, slots=True)
class _Scored:
    """The scores of all gold. `main`: the language that most of the table is about: English, if there is any.

    `version`, `folder`: of its pipeline. `by_language`: by its code, the scores of a language and of its
    sources.
    """

    main: str
    version: PipelineVersion
    folder: Path
    by_language: dict[str, tuple[Scores, dict[str, Scores]]]
    left_out: list[str]

    @property
    def main_scores(self) -> Scores:
        return self.by_language[self.main][0]

    @property
    def by_source(self) -> dict[str, Scores]:
        """The scores of every source, of whatever language."""
        return {name: part for _, sources in self.by_language.values() for name, part in sources.items()}


def _score(settings: Settings, folder: Path, *, everything: bool) -> _Scored:
    """Tags all gold in the languages that are allowed; with a pipeline of one's own, in those it reads."""
    languages, pipeline_of = pipelines_of(settings.model or None, settings.allowed_languages)
    main = _ENGLISH if _ENGLISH in languages else languages[0]
    held_out = frozenset(pipeline_of(main).meta.get("held_out_sources", ()))
    # Gold for a pipeline of one's own need not name the one language that this reads.
    unnamed = main if settings.model else _ENGLISH
    gold = read_gold(folder, held_out=held_out, everything=everything, languages=languages, unnamed=unnamed)
    measured = {code: measure(partial(enrich, pipeline_of(code)), part) for code, part in gold.parted()}
    main = main if main in measured else next(iter(measured))
    nlp = pipeline_of(main)
    return _Scored(main, pipeline_version(nlp), Path(nlp.path or SHIPPED), measured, gold.left_out)


def _refuse_others(*given: object) -> None:
    if any(given):
        raise click.UsageError("--stories goes with --model and --json alone")


def _refuse_worse(missed: list[str], size: int) -> None:
    """Raises Problem for scores below their floors, and for a model of too many bytes."""
    if missed:
        raise Problem("below the floor: " + ", ".join(missed))
    if size > MAX_MODEL_BYTES:
        raise Problem(f"the model has {size:,} bytes, more than {MAX_MODEL_BYTES:,}")


def below_floors(scores: Scores, floors: dict[str, float]) -> list[str]:
    """Describes each score that is below its floor. What was not measured has no score to be below it."""
    return [
        f"{measure} ({scores.score(measure):.1f}, floor {floor:g})"
        for measure, floor in floors.items()
        if measure in scores.counts and scores.score(measure) < floor
    ]


def measure(tag: Callable[[Article], EnrichedArticle], gold: Gold) -> tuple[Scores, dict[str, Scores]]:
    """The scores of all articles together, and those of each newspaper.

    The first article is tagged once before the clock starts, so that loading data is not measured.
    """
    scores, sources = Scores(), dict[str, Scores]()
    articles = [
        (a, Article(id=a.id, text=a.text, headline=a.headline, language=a.language))
        for a in gold.articles.values()
    ]
    tag(articles[0][1])
    with progress(sum(len(raw.text) for _, raw in articles)) as bar:
        done = 0
        for number, (article, raw) in enumerate(articles, 1):
            began = time.process_time()
            found = tag(raw)
            scores.seconds += time.process_time() - began
            scores.words += len(article.text.split())
            compared = compare_article(article, found)
            scores.add_compared(compared)
            sources.setdefault(article.source, Scores()).add_compared(compared)
            done += len(article.text)
            bar.update(done, f"{number} of {len(articles)} articles")
    return scores, sources


def model_bytes(folder: Path) -> int:
    """The size of a pipeline on disk."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
