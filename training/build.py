"""Run all steps: python -m training.build --data FOLDER --output FOLDER [--open] [options of train]

Trains, exports, fits the topics, assembles and scores. Writes the pipeline to `pipeline/` in the output
folder and its scores to `scores.json`. Options that are not listed here are passed to training.train.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path


def steps(data: Path, output: Path, *, open_only: bool, train: list[str]) -> list[list[str]]:
    """The commands in order, as arguments of `python -m`. `main` saves what `worker score` prints."""
    run, model, pipeline, scores = (output / name for name in ("run", "model", "pipeline", "scores.json"))
    switch = ["--open"] if open_only else []
    assemble = ["training.assemble", "--encoder", str(model), "--output", str(pipeline)]
    return [
        ["training.train", "--data", str(data), "--output", str(run), *switch, *train],
        ["training.export", "--checkpoint", str(run / "mean.pt"), "--output", str(model), *switch],
        ["training.topics", "--data", str(data), "--encoder", str(model), *switch],
        assemble,
        ["worker", "score", "--data", str(data), "--model", str(pipeline), "--json"],
        [*assemble, "--scores", str(scores)],
    ]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--open", action="store_true", help="use only data with open licences")
    options, train = parser.parse_known_args()
    for step in steps(options.data, options.output, open_only=options.open, train=train):
        print("python -m", *step, flush=True)
        kept = subprocess.PIPE if step[0] == "worker" else None
        done = subprocess.run([sys.executable, "-m", *step], check=True, stdout=kept)
        if kept:
            (options.output / "scores.json").write_bytes(done.stdout)


if __name__ == "__main__":
    main()
