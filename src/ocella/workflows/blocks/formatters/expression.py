"""A value chosen by rules."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, Field

from ocella.errors import InvalidValue
from ocella.workflows.block import Block
from ocella.workflows.problems import nearest
from ocella.workflows.query import Condition, Operations

__all__ = ["UNITS"]


class StaticCaseResult(BaseModel):
    """A value as it is written."""

    type: Literal["StaticCaseResult"]
    value: Any


class DynamicCaseResult(BaseModel):
    """One of the values of `data`, after operations."""

    type: Literal["DynamicCaseResult"]
    parameter_name: str
    operations: Operations | None = None


CaseResult = Annotated[StaticCaseResult | DynamicCaseResult, Field(discriminator="type")]


class CaseDefinition(BaseModel):
    """What comes out where a condition holds."""

    type: Literal["CaseDefinition"]
    condition: Condition
    result: CaseResult


class CasesDefinition(BaseModel):
    """Cases in order, and what comes out where none holds."""

    type: Literal["CasesDefinition"]
    cases: list[CaseDefinition]
    default: CaseResult

    def results(self) -> Iterator[StaticCaseResult | DynamicCaseResult]:
        """All that may come out."""
        yield from (case.result for case in self.cases)
        yield self.default


class Expression(Block):
    """The result of the first case whose condition holds, else the default. Conditions know the values of `data` by name,
    after `data_operations`.
    """

    type = "expression@v1"
    aliases = ("Expression",)
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowParameter", "name": "count"}],
        "steps": [
            {
                "type": "expression",
                "name": "verdict",
                "data": {"count": "$inputs.count"},
                "switch": {
                    "type": "CasesDefinition",
                    "cases": [
                        {
                            "type": "CaseDefinition",
                            "condition": {
                                "type": "StatementGroup",
                                "statements": [
                                    {
                                        "type": "BinaryStatement",
                                        "left_operand": {"type": "DynamicOperand", "operand_name": "count"},
                                        "comparator": {"type": "(Number) >"},
                                        "right_operand": {"type": "StaticOperand", "value": 10},
                                    }
                                ],
                            },
                            "result": {"type": "StaticCaseResult", "value": "crowded"},
                        }
                    ],
                    "default": {"type": "StaticCaseResult", "value": "quiet"},
                },
            }
        ],
        "outputs": [{"type": "JsonField", "name": "verdict", "selector": "$steps.verdict.output"}],
    }

    switch: CasesDefinition
    data_operations: dict[str, Operations] = {}  # a default, never changed

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """Names that `data` does not have."""
        data, switch, operations = step.get("data"), step.get("switch"), step.get("data_operations")
        if not isinstance(data, Mapping):
            return []
        names = list(operations) if isinstance(operations, Mapping) else []
        found = [("data_operations", f"names of 'data', not '{n}'", nearest(n, data)) for n in names if n not in data]
        results = switch.results() if isinstance(switch, CasesDefinition) else ()
        asked = [r.parameter_name for r in results if isinstance(r, DynamicCaseResult)]
        return found + [("switch", f"names of 'data', not '{n}'", nearest(n, data)) for n in asked if n not in data]

    def run(self, data: dict[str, Any]) -> Any:
        """The value."""
        values = dict(data)
        for name, chain in self.data_operations.items():
            values[name] = chain(_value(values, name), {})
        chosen = next((case.result for case in self.switch.cases if case.condition(values)), self.switch.default)
        if isinstance(chosen, StaticCaseResult):
            return chosen.value
        value = _value(values, chosen.parameter_name)
        return value if chosen.operations is None else chosen.operations(value, values)


def _value(values: Mapping[str, Any], name: str) -> Any:
    if name not in values:
        raise InvalidValue(f"'data' has no '{name}'. {nearest(name, values)}")
    return values[name]


UNITS = (Expression,)
