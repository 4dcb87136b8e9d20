"""`dateline score --stories`: how good the stories are, on articles whose stories are known."""

from pathlib import Path

import orjson

from worker.commands.articles.documents import JSON_LINES_TYPE
from worker.commands.shell.bounded import bounded_lines
from worker.commands.shell.output import print_json, print_line, say
from worker.commands.shell.terminal import Problem
from worker.commands.stories.files import stories_of_files
from worker.scoring.stories import StoryScores, score_stories
from worker.settings import Settings


def score_story_file(settings: Settings, path: Path, *, as_json: bool) -> None:
    """Prints the scores of the stories that are found in a file of articles with a `story` each."""
    gold = read_story_gold(path, most=settings.max_record_bytes)
    assigned = stories_of_files(settings, (str(path),), content_type=JSON_LINES_TYPE)
    if assigned.failed:
        say(f"{assigned.failed:,} of the articles could not be enriched: each counts as a story of its own")
    scores = score_stories(gold, {each.id: each.story for each in assigned.assignments})
    if as_json:
        print_json({name: round(value, 2) for name, value in scores._asdict().items()})
    else:
        _show(scores)


def read_story_gold(path: Path, *, most: int) -> dict[str, str]:
    """The story of each article of a file. Raises Problem if a line has none."""
    gold: dict[str, str] = {}
    try:
        with path.open("rb") as file:
            for number, text, _ in bounded_lines(file, most):
                if text is None or text.strip():
                    article, story = _gold_line(text, f"--stories {path}: line {number}")
                    gold[article] = story
    except OSError as error:
        raise Problem(f"--stories {path}: {error.strerror}") from None
    if not gold:
        raise Problem(f"--stories {path}: there are no articles")
    return gold


def _gold_line(text: bytes | None, where: str) -> tuple[str, str]:
    try:
        row = orjson.loads(text or b"")
    except orjson.JSONDecodeError as error:
        raise Problem(f"{where}: no JSON: {error}") from None
    for name in ("id", "story"):
        if not isinstance(row, dict) or not isinstance(row.get(name), str):
            raise Problem(f"{where}: an article with a text `{name}` is wanted")
    return row["id"], row["story"]


def _show(scores: StoryScores) -> None:
    print_line(f"{scores.articles:,} articles of {scores.stories:,} stories, {scores.found:,} found")
    print_line(f"BCubed  precision {scores.precision:5.1f}  recall {scores.recall:5.1f}  F1 {scores.f1:5.1f}")
    print_line(f"V       {scores.v:5.1f}")
    print_line(f"CEAF-e  {scores.ceaf_e:5.1f}")
