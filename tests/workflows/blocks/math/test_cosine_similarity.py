"""Likeness of embeddings against scipy."""

from typing import Any

import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidValue, Mismatch
from ocella.types import Embedding

RANDOM = np.random.default_rng(7)
A, B = (v / np.linalg.norm(v) for v in RANDOM.normal(size=(2, 8)))


@pytest.mark.parametrize("form", [lambda v: Embedding(v.astype(np.float32), "m"), list, lambda v: list(3 * v)])
def test_likeness_is_that_of_scipy(form: Any) -> None:
    distance = pytest.importorskip("scipy.spatial.distance")
    found = run_step("roboflow_core/cosine_similarity@v1", {"embedding_1": form(A), "embedding_2": form(B)})
    assert found["similarity"] == pytest.approx(1 - distance.cosine(A, B), abs=1e-6)


@pytest.mark.parametrize(
    ("a", "b", "expected"), [([1, 0], [2, 0], 1), ([1, 0], [0, 5], 0), ([1, 1], [-1, -1], -1), ([0, 0], [1, 1], 0)]
)
def test_likeness_by_hand(a: list[float], b: list[float], expected: float) -> None:
    assert run_step("cosine_similarity", {"embedding_1": a, "embedding_2": b})["similarity"] == pytest.approx(expected)


def test_two_models_cannot_be_compared() -> None:
    one, other = Embedding(A.astype(np.float32), "m"), Embedding(A.astype(np.float32), "n")
    with pytest.raises(Mismatch, match="'m' and 'n'"):
        run_step("cosine_similarity", {"embedding_1": one, "embedding_2": other})
    with pytest.raises(Mismatch, match="2 and 3 numbers"):
        run_step("cosine_similarity", {"embedding_1": [1, 2], "embedding_2": [1, 2, 3]})


@pytest.mark.parametrize("wrong", ["abc", [], [[1, 2]], [float("nan"), 1], 5])
def test_what_is_no_embedding_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidValue, match="must be an Embedding or a list of numbers"):
        run_step("cosine_similarity", {"embedding_1": wrong, "embedding_2": [1.0, 2.0]})
