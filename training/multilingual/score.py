"""Score a network on the dev parts: python -m training.multilingual.score FILE --data FOLDER --start FOLDER

Prints strict F1 by set, without the pipeline's rules. `FILE` is mean.pt or checkpoint.pt of a run, or the
model.onnx of an export, whose scores tell what quantization costs.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import onnxruntime
import torch
from torch import Tensor

from training.multilingual.encoders import load_reader
from training.multilingual.evaluation import held_out_sets, print_held_out
from training.network import network_of
from worker.nlp.encoder.component import DISABLED_OPTIMIZERS
from worker.nlp.encoder.encoding import ATTRIBUTION_TAGS
from worker.nlp.encoder.tags import CONTENT_TAGS, ENTITY_TAGS, ROLE_TAGS


class ExportedNetwork(torch.nn.Module):
    """An exported model in place of the network. It reads one window a call, as the worker does."""

    def __init__(self, model: Path) -> None:
        super().__init__()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"], disabled_optimizers=DISABLED_OPTIMIZERS
        )

    def forward(self, ids: Tensor, shapes: Tensor, spacings: Tensor, mask: Tensor) -> tuple[Tensor, ...]:
        """The logits of entities, roles and contents. The model has none of topics."""
        found = torch.zeros((*ids.shape, len(ENTITY_TAGS) + len(ATTRIBUTION_TAGS)))
        for i, length in enumerate(mask.sum(1).tolist()):
            inputs = {"ids": ids, "shapes": shapes, "spacings": spacings}
            window = {name: tensor[i : i + 1, :length].numpy() for name, tensor in inputs.items()}
            tags, _ = self.session.run(None, window)
            found[i, :length, : tags.shape[-1]] = torch.from_numpy(tags[0])
        return *found.split([len(ENTITY_TAGS), len(ROLE_TAGS), len(CONTENT_TAGS)], -1), torch.zeros(0)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, help="mean.pt, checkpoint.pt or model.onnx")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--start", type=Path, required=True, help="the folder of the pruned vocabulary")
    parser.add_argument("--window", type=int, default=190, help="pieces")
    parser.add_argument("--most", type=int, help="a sample of so many sentences of each set")
    parser.add_argument("--last", action="store_true", help="of checkpoint.pt not the mean of weights")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    reader = load_reader(options.start)
    network: torch.nn.Module
    if options.file.suffix == ".onnx":
        network = ExportedNetwork(options.file)
    else:
        saved = torch.load(options.file, weights_only=True)
        network = network_of(saved.get("network" if options.last else "mean", saved)).eval()
    sets = held_out_sets(options.data, reader, options.most)
    print_held_out(network, sets, reader, name=options.file.name, size=options.window)


if __name__ == "__main__":
    main()
