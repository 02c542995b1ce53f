"""Vectors of Perception Encoder as a block gives them."""

from typing import Any

import numpy as np
import pytest
from tests.checkpoints.parts import picture
from tests.workflows.leasing import by_hand, services
from tests.workflows.running import run_step

from ocella.errors import NotFound

NAME, FAMILY = "pe-core-t-16-384-embed", "perception_encoder"


@pytest.mark.torchvision
@pytest.mark.parametrize("data", [picture(48, 64), "a small cat"], ids=["image", "text"])
@pytest.mark.parametrize("fields", [{}, {"version": "PE-Core-T16-384"}], ids=["usual", "named"])
def test_vectors_are_the_models(data: Any, fields: dict[str, str]) -> None:
    pytest.importorskip("open_clip")
    found = run_step("perception_encoder", {"data": data}, services(NAME, FAMILY), **fields)["embedding"]
    model = by_hand(NAME, FAMILY)
    (wanted,) = model.embed_text([data]) if isinstance(data, str) else model.predict([data])
    np.testing.assert_allclose(found.vector, wanted.vector, atol=1e-5)
    assert np.linalg.norm(found.vector) == pytest.approx(1, abs=1e-5)


def test_a_size_that_is_not_here_says_what_is() -> None:
    with pytest.raises(NotFound, match="PE-Core-T16-384"):
        run_step("perception_encoder", {"data": "a"}, services(NAME, FAMILY), version="PE-Core-G14-448")
