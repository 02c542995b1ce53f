"""COCO's packed run lengths, with pycocotools as referee."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco

from ocella.errors import InvalidValue
from ocella.ops.packed_runs import pack_runs, unpack_runs
from ocella.types import Masks


@settings(max_examples=50)
@given(st.lists(st.integers(0, 2**30), max_size=40))
def test_runs_come_back(runs: list[int]) -> None:
    assert unpack_runs(pack_runs(runs)) == runs


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 40), st.floats(0, 1))
def test_the_text_is_that_of_pycocotools(seed: int, height: int, width: int, share: float) -> None:
    mask = np.random.default_rng(seed).random((height, width)) < share
    packed = coco.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"].decode()
    assert pack_runs(Masks.from_dense(mask[None]).run(0)) == packed
    assert unpack_runs(packed) == Masks.from_dense(mask[None]).run(0).tolist()


@pytest.mark.parametrize(("text", "said"), [("oo", "end within a number"), ("1 2", "hold characters")])
def test_foreign_text_is_refused(text: str, said: str) -> None:
    with pytest.raises(InvalidValue, match=said):
        unpack_runs(text)
