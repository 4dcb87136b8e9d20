"""Put the exported encoder into the shipped pipeline: python -m training.multilingual.ship MODEL worker/model

`MODEL` is the folder that training.multilingual.export wrote. Replaces the files in the pipeline's folder
`multilingual`, but for its card, takes away topics that were fitted to another encoder, and lists the hashes
of all files in meta.json. `training.assemble` makes the pipeline anew, without it: then this step
comes again.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from worker.nlp.encoder.component import PIECES, Encoder
from worker.nlp.fingerprint import stamp
from worker.nlp.topics.by_vector import TOPICS

FOLDER = "multilingual"
"""Where worker/nlp/data/languages.tsv says that languages have their encoder."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path, help="the folder that training.multilingual.export wrote")
    parser.add_argument("pipeline", type=Path, help="the pipeline's folder")
    options = parser.parse_args()
    encoder = Encoder(window=0, max_pieces=0)
    encoder.start(
        options.model / "model.onnx",
        (options.model / "tokenizer.json").read_text(encoding="utf-8"),
        (options.model / PIECES).read_bytes(),
    )
    encoder.to_disk(options.pipeline / FOLDER)
    (options.pipeline / FOLDER / TOPICS).unlink(missing_ok=True)
    print(options.pipeline, stamp(options.pipeline))


if __name__ == "__main__":
    main()
