"""Contestant: Ocella. With `first` it runs one workflow once and tells when, and how much memory that took."""

import resource
import sys
from pathlib import Path

import numpy as np


def first() -> None:
    from definitions import three_steps

    from ocella.workflows.compile import compile_workflow
    from ocella.workflows.run import run_workflow

    result = run_workflow(compile_workflow(three_steps()), {"image": np.zeros((720, 1280, 3), np.uint8)})
    print(result[0]["result"], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main() -> None:
    from definitions import WAYS, boxes, chain_of_ten
    from loop import serve

    from ocella.types import Detections, Masks
    from ocella.workflows.compile import compile_workflow
    from ocella.workflows.run import Session

    image = np.load(sys.argv[1])

    def found(count: int, *, masks: bool) -> Detections:
        xyxy = np.array(boxes(count, image.shape[:2]), np.float32)
        dense = np.load(sys.argv[2]) if masks else None
        packed = None if dense is None else Masks.from_dense(dense)
        return Detections(xyxy, np.full(count, 0.9), np.arange(count) % 5, tuple("abcde"), packed)

    inputs = {"image": image}
    given = {
        "3 steps": inputs,
        "chain of 10": inputs,
        "50 crops": {**inputs, "found": found(50, masks=False)},
        "4 drawings": {**inputs, "found": found(20, masks=True)},
    }
    sessions = {name: Session(compile_workflow(make())) for name, make in WAYS.items()}
    ways = {name: lambda name=name: sessions[name].run(given[name]) for name in WAYS}
    count = iter(range(10**9))

    def compile_new():
        definition = chain_of_ten()
        definition["steps"][0]["name"] = f"n{next(count)}"  # a definition not seen before
        definition["steps"][1]["images"] = f"$steps.{definition['steps'][0]['name']}.crops"
        return compile_workflow(definition)

    ways["compile"] = compile_new
    facts = {"50 crops": sessions["50 crops"].run(given["50 crops"])[0]["result"], "version": "this checkout"}
    serve(ways, facts)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    first() if sys.argv[1:] == ["first"] else main()
