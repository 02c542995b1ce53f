"""Contestant: the engine of Roboflow's inference, in an environment of its own. With `first` as in ours.py."""

import resource
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "model_overhead"))

import torchvision_nms  # noqa: F401  # before anything imports torchvision

import numpy as np  # isort: skip


def engine(definition: dict):
    from inference.core.workflows.execution_engine.core import ExecutionEngine

    parameters = {
        "workflows_core.model_manager": None,
        "workflows_core.api_key": None,
        "workflows_core.background_tasks": None,
        "workflows_core.thread_pool_executor": None,
        "workflows_core.step_execution_mode": None,
    }
    return ExecutionEngine.init(workflow_definition=definition, init_parameters=parameters, max_concurrent_steps=1)


def first() -> None:
    from definitions import three_steps

    result = engine(three_steps()).run(runtime_parameters={"image": np.zeros((720, 1280, 3), np.uint8)})
    print(result[0]["result"], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main() -> None:
    from importlib.metadata import version

    from definitions import WAYS, boxes, chain_of_ten
    from inference.core.workflows.core_steps.common.deserializers import deserialize_detections_kind
    from loop import serve

    image = np.load(sys.argv[1])

    def found(count: int, *, masks: bool):
        rows = [
            {
                "x": (x1 + x2) / 2, "y": (y1 + y2) / 2, "width": x2 - x1, "height": y2 - y1, "confidence": 0.9,
                "class": "abcde"[i % 5], "class_id": i % 5, "detection_id": str(i), "parent_id": "image",
            }
            for i, (x1, y1, x2, y2) in enumerate(boxes(count, image.shape[:2]))
        ]  # fmt: skip
        size = {"width": image.shape[1], "height": image.shape[0]}
        made = deserialize_detections_kind("found", {"image": size, "predictions": rows})
        if masks:
            made.mask = np.load(sys.argv[2])
        return made

    inputs = {"image": image}
    given = {
        "3 steps": inputs,
        "chain of 10": inputs,
        "50 crops": {**inputs, "found": [found(50, masks=False)]},
        "4 drawings": {**inputs, "found": [found(20, masks=True)]},
    }
    engines = {name: engine(make()) for name, make in WAYS.items()}
    ways = {name: lambda name=name: engines[name].run(runtime_parameters=given[name]) for name in WAYS}
    count = iter(range(10**9))

    def compile_new():
        definition = chain_of_ten()
        definition["steps"][0]["name"] = f"n{next(count)}"  # a definition not seen before
        definition["steps"][1]["images"] = f"$steps.{definition['steps'][0]['name']}.crops"
        return engine(definition)

    ways["compile"] = compile_new
    facts = {"50 crops": engines["50 crops"].run(runtime_parameters=given["50 crops"])[0]["result"]}
    serve(ways, facts | {"version": version("inference-cpu")})


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    first() if sys.argv[1:] == ["first"] else main()
