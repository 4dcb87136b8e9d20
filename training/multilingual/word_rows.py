"""The word embeddings of an exported model: in 4 bits where a table was stored so and kept, else in int8."""

from __future__ import annotations

import torch
from torch import Tensor, nn

BLOCK = 32
"""Weights that share a scale in a table of 4 bits, as in Q4_0."""


class Int8Rows(nn.Module):
    """A table as int8 with a scale a row."""

    rows: Tensor
    scale: Tensor

    def __init__(self, table: Tensor) -> None:
        super().__init__()
        scale = table.abs().amax(1, keepdim=True).clamp_min(1e-8) / 127
        self.register_buffer("rows", (table / scale).round().to(torch.int8))
        self.register_buffer("scale", scale)

    def forward(self, ids: Tensor) -> Tensor:
        return self.rows[ids].float() * self.scale[ids]


class FourBitRows(nn.Module):
    """A table as Q4_0 stores it: 32 weights a block with a float16 scale, two weights a byte.

    Byte i of a block has weight i in its lower half and weight i + 16 in its upper one. Raises ValueError for
    a table that can't be stored so without a change.
    """

    halves: Tensor
    scale: Tensor

    def __init__(self, table: Tensor) -> None:
        super().__init__()
        pieces, width = table.shape
        blocks = table.reshape(pieces, width // BLOCK, BLOCK)
        # The weight of the greatest size is -8 times the scale.
        greatest = blocks.gather(2, blocks.abs().argmax(2, keepdim=True))
        scale = (greatest / -8).to(torch.float16)
        wide = scale.float()
        numbers = torch.where(wide == 0, 0, blocks / wide).round().clamp(-8, 7)
        if not torch.equal(numbers * wide, blocks):
            raise ValueError("the table is not one of 4 bits")
        low, high = (numbers + 8).to(torch.uint8).split(BLOCK // 2, dim=2)
        self.register_buffer("halves", (low | high << 4).reshape(pieces, width // 2))
        self.register_buffer("scale", scale.squeeze(2))

    def forward(self, ids: Tensor) -> Tensor:
        # In float, where all of it is exact: ONNX has no shifts of bytes that every processor does alike.
        pairs = self.halves[ids].float().unflatten(1, (-1, BLOCK // 2))
        high = (pairs * (1 / 16)).floor()
        blocks = torch.cat((pairs - 16 * high, high), dim=2) - 8
        return (blocks * self.scale[ids].float().unsqueeze(2)).flatten(1)


def stored_rows(table: Tensor) -> Int8Rows | FourBitRows:
    """The table in 4 bits if nothing is lost, else in int8. `table`: float32 [pieces, width]."""
    try:
        return FourBitRows(table)
    except ValueError:
        return Int8Rows(table)
