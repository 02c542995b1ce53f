"""Values left in one run and found in the next."""

from typing import Any

import numpy as np

from ocella.types import Image, Moment
from ocella.workflows.compile import compile_workflow
from ocella.workflows.run import Session
from ocella.workflows.services import Services

PIXELS = np.zeros((2, 2, 3), np.uint8)
DEFINITION: dict[str, Any] = {
    "inputs": [
        {"type": "WorkflowImage", "name": "image"},
        {"type": "WorkflowBatchInput", "name": "n"},
        {"type": "WorkflowParameter", "name": "key", "default_value": "k"},
    ],
    "steps": [
        {"type": "roboflow_core/cache_get@v1", "name": "before", "image": "$inputs.image", "key": "$inputs.key"},
        {
            "type": "roboflow_core/cache_set@v1",
            "name": "leave",
            "image": "$inputs.image",
            "key": "k",
            "value": "$inputs.n",
        },
    ],
    "outputs": [
        {"type": "JsonField", "name": "before", "selector": "$steps.before.output"},
        {"type": "JsonField", "name": "left", "selector": "$steps.leave.output"},
    ],
}


def frame(source: str) -> Image:
    return Image(PIXELS, moment=Moment(source, 0, 0.0))


def run(session: Session, n: Any, source: str = "x", **more: Any) -> tuple[Any, Any]:
    row = session.run({"image": [frame(source)], "n": [n], **more})[0]
    return row["before"], row["left"]


def test_a_value_is_found_in_the_next_run() -> None:
    with Session(compile_workflow(DEFINITION)) as session:
        assert run(session, 1) == (False, 1)
        assert run(session, [2, 3]) == (1, [2, 3])
        assert run(session, 4) == ([2, 3], 4)
        assert run(session, 5, key="other") == (False, 5)


def test_videos_and_single_images_are_told_apart() -> None:
    with Session(compile_workflow(DEFINITION)) as session:
        run(session, 1, "x")
        assert run(session, 2, "y") == (False, 2)
        assert run(session, 3, "x") == (1, 3)
        row = session.run({"image": [Image(PIXELS)], "n": [4]})[0]
        assert row["before"] is False


def test_values_go_with_the_session() -> None:
    services = Services()
    for _ in range(2):
        with Session(compile_workflow(DEFINITION), services) as session:
            assert run(session, 1) == (False, 1)
