"""What needs torch, which CI does not install: word embeddings as they are stored in an exported model."""

import pytest

torch = pytest.importorskip("torch", reason="pip install -r training/requirements.txt installs it")

from training.network import FourBitRows, Int8Rows, stored_rows  # noqa: E402


def table_of_4_bits():
    chance = torch.Generator().manual_seed(1)
    numbers = torch.randint(-8, 8, (50, 3, 32), generator=chance).float()
    numbers[:, :, 7] = -8  # the greatest weight of a block is always this, of either sign
    scale = torch.randn((50, 3, 1), generator=chance).half().float()
    scale[4, 1] = 0
    return (numbers * scale).reshape(50, 96)


def test_a_table_of_4_bits_is_stored_in_them_and_read_back_as_it_was():
    table = table_of_4_bits()
    rows = stored_rows(table)
    assert isinstance(rows, FourBitRows)
    assert (rows.halves.dtype, rows.halves.shape) == (torch.uint8, (50, 48))
    ids = torch.tensor([3, 49, 4, 3])
    assert torch.equal(rows(ids), table[ids])


def test_any_other_table_is_stored_in_int8():
    table = table_of_4_bits()
    table[7, 7] += 0.01
    rows = stored_rows(table)
    assert isinstance(rows, Int8Rows)
    assert (rows(torch.arange(50)) - table).abs().max() <= table.abs().max() / 127
