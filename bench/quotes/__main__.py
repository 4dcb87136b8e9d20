"""How well quote lineage tells one utterance from others: python -m bench.quotes [FOLDER] [--seed N]

Quotes of eight words and more are altered, as retelling alters them, and mixed with other quotes of the same
speaker that share words (see `alterations`): of the project's own sentences in twelve languages, or of the
articles in a folder of JSON lines (see `seeds.speakers_of_files`).
"""

from __future__ import annotations

import argparse
from itertools import groupby
from pathlib import Path

from bench.quotes.score import score_lines, score_speakers
from bench.quotes.seeds import own_speakers, speakers_of_files


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?", help="default: the project's own sentences")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    speakers = speakers_of_files(options.folder) if options.folder else own_speakers()
    for line in score_lines(score_speakers(speakers, seed=options.seed)):
        print(line)
    in_order = sorted(speakers, key=lambda speaker: speaker.language)
    for language, some in groupby(in_order, key=lambda speaker: speaker.language):
        print(f"{language}: {next(score_lines(score_speakers(some, seed=options.seed)))}")


if __name__ == "__main__":
    main()
