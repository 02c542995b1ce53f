"""CSV documents, read back by the csv module."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Detections
from ocella.workflows.compile import compile_workflow
from ocella.workflows.run import Session
from ocella.workflows.services import Services

NOON = "2026-03-01T12:00:00+00:00"
SERVICES = Services(now=lambda: datetime(2026, 3, 1, 12, tzinfo=UTC))
NAMES = [{"type": "DetectionsPropertyExtract", "property_name": "class_name"}]
CARS = Detections(np.array([[0, 0, 1, 1]] * 2, np.float32), np.ones(2, np.float32), np.array([0, 0]), ("car",))


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_one_element_is_one_row() -> None:
    found = run_step("csv_formatter", {"columns_data": {"a": 1, "b": "x, y", "c": None}}, SERVICES)
    assert found == {"csv_content": f'a,b,c,timestamp\n1,"x, y",,{NOON}\n'}
    assert rows(found["csv_content"]) == [{"a": "1", "b": "x, y", "c": "", "timestamp": NOON}]


def test_columns_are_changed_first() -> None:
    values = {"columns_data": {"seen": CARS, "n": CARS}}
    more = {"columns_operations": {"seen": NAMES, "n": [{"type": "SequenceLength"}]}}
    (row,) = rows(run_step("roboflow_core/csv_formatter@v1", values, SERVICES, **more)["csv_content"])
    assert (row["seen"], row["n"]) == ("['car', 'car']", "2")


def definition(**fields: Any) -> dict[str, Any]:
    return {
        "inputs": [
            {"type": "WorkflowBatchInput", "name": "n", "kind": ["integer"]},
            {"type": "WorkflowParameter", "name": "place"},
        ],
        "steps": [
            {
                "type": "csv_formatter",
                "name": "table",
                "columns_data": {"n": "$inputs.n", "at": "$inputs.place"},
                **fields,
            }
        ],
        "outputs": [{"type": "JsonField", "name": "csv", "selector": "$steps.table.csv_content"}],
    }


def test_of_many_elements_the_last_gets_the_document() -> None:
    with Session(compile_workflow(definition()), SERVICES) as session:
        found = [row["csv"] for row in session.run({"n": [1, 2, 3], "place": "gate"})]
    assert found[:2] == [None, None]
    assert [(r["n"], r["at"]) for r in rows(found[2])] == [("1", "gate"), ("2", "gate"), ("3", "gate")]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"columns_data": {"timestamp": 1}}, "columns other than 'timestamp'"),
        ({"columns_operations": {"m": NAMES}}, "names of columns.*'m'"),
        ({"columns_operations": {"n": [{"type": "Nothing"}]}}, "a known operation"),
    ],
)
def test_wrong_columns_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidWorkflow, match=message):
        compile_workflow(definition(**fields))
