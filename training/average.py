"""Average several checkpoints into one: python -m training.average CHECKPOINT ... --output FILE

The checkpoints must come from runs that started with the same weights. The network with their mean weights
makes fewer mistakes than any of them and runs as fast as one.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor


def average(checkpoints: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    """The mean of each tensor. Raises ValueError if names or shapes of tensors differ between checkpoints."""
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
