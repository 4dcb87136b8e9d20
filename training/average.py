"""One checkpoint from several runs of one start: python -m training.average CHECKPOINT ... --output FILE

The mean of their weights, which makes fewer mistakes than each of them and costs no more than one.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor


def average(checkpoints: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    """The mean of each tensor. Raises ValueError where the checkpoints are not of one network."""
    first = checkpoints[0]
    if any(
        {name: tensor.shape for name, tensor in other.items()}
        != {name: tensor.shape for name, tensor in first.items()}
        for other in checkpoints
    ):
        raise ValueError("the checkpoints are not of one network")
    return {
        name: torch.stack([checkpoint[name].float() for checkpoint in checkpoints]).mean(0).to(tensor.dtype)
        for name, tensor in first.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoints", type=Path, nargs="+")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    loaded = [torch.load(path, map_location="cpu", weights_only=True) for path in options.checkpoints]
    torch.save(average(loaded), options.output)
    print(options.output)


if __name__ == "__main__":
    main()
