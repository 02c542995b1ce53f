"""One block run as a step of a workflow, on Python values."""

from collections.abc import Mapping
from typing import Any, Self

from ocella.workflows.compile import compile_workflow
from ocella.workflows.result import Result
from ocella.workflows.run import Session
from ocella.workflows.services import Services


class Step:
    """A session of one step. Values go in as batches of one and come out as the step's outputs by name; `fields` are
    constants of the definition. A value wrapped in `Many` is a nested list, one level deeper.
    """

    def __init__(self, type_name: str, services: Services | None = None, **fields: Any) -> None:
        self.type_name, self.fields, self.services = type_name, fields, services
        self._session: Session | None = None

    def run(self, **values: Any) -> Any:
        """Outputs of one run over one element; the state of earlier runs stays. A failure of the step is raised."""
        if self._session is None:
            self._session = Session(compile_workflow(self._definition(values)), self.services)
        result: Result = self._session.run({name: [_plain(value)] for name, value in values.items()})
        for failure in result.failures:
            raise failure.cause
        return result[0]["all"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._session is not None:
            self._session.close()

    def _definition(self, values: Mapping[str, Any]) -> dict[str, Any]:
        inputs = [
            {
                "type": "WorkflowBatchInput",
                "name": name,
                "kind": ["*"],
                "dimensionality": 2 if isinstance(v, Many) else 1,
            }
            for name, v in values.items()
        ]
        step = {"type": self.type_name, "name": "step", **self.fields, **{name: f"$inputs.{name}" for name in values}}
        output = {"type": "JsonField", "name": "all", "selector": "$steps.step.*", "coordinates_system": "own"}
        return {"inputs": inputs, "steps": [step], "outputs": [output]}


class Many(list[Any]):
    """A value for an argument that takes all values one level deeper."""


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, Many) else value


def run_step(type_name: str, values: Mapping[str, Any], services: Services | None = None, **fields: Any) -> Any:
    """Outputs of one step by name, run once."""
    with Step(type_name, services, **fields) as step:
        return step.run(**values)
