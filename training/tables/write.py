"""Writes one table a language to where the pipeline reads it."""

from collections.abc import Callable, Collection
from pathlib import Path

import click

from worker.languages import known_languages


def write_tables(output: Path, name: str, languages: Collection[str], table: Callable[[str], str]) -> None:
    """Writes `table(language)` as the file `name` of each language's folder."""
    for language in languages:
        folder = output / known_languages()[language].folder
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(table(language), encoding="utf-8")
    click.echo(f"{len(languages)} languages")
