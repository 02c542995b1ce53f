from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.workflows.following import around, tracked

from ocella.errors import InvalidValue, InvalidWorkflow
from ocella.workflows.compile import compile_workflow
from ocella.workflows.run import Session
from ocella.workflows.services import Services


def session(modes: Sequence[str], services: Services | None = None, **fields: Any) -> Session:
    step = {
        "type": "roboflow_core/data_aggregator@v1",
        "name": "report",
        "data": {"x": "$inputs.x"},
        "aggregation_mode": {"x": list(modes)},
        "interval": 3,
        "interval_unit": "runs",
        **fields,
    }
    definition = {
        "inputs": [{"type": "WorkflowBatchInput", "name": "x", "kind": ["*"]}],
        "steps": [step],
        "outputs": [{"type": "JsonField", "name": mode, "selector": f"$steps.report.x_{mode}"} for mode in modes],
    }
    return Session(compile_workflow(definition), services)


def reports(modes: Sequence[str], values: Sequence[Any], **fields: Any) -> list[dict[str, Any]]:
    """What comes out for each of these values."""
    work = session(modes, **fields)
    outs = []
    for value in values:
        result = work.run({"x": [value]})
        for failure in result.failures:
            raise failure.cause
        outs.append({mode: result[0][mode] for mode in modes})
    return outs


@pytest.mark.parametrize(
    ("mode", "values", "wanted"),
    [
        ("sum", [1, 2.5, 4], 7.5),
        ("avg", [1, 2, 6], 3),
        ("max", [1, 7, 2], 7),
        ("min", [4, 3, 5], 3),
        ("values_difference", [5, 3, 4], 2),
        ("values_difference", [5, 3, 9], 6),
        ("count", [[1, 2], 5, "three"], 4),
        ("distinct", [["a", "b"], "b", ["c", "a"]], ["a", "b", "c"]),
        ("count_distinct", [["a", "b"], "b", ["c", "a"]], 3),
        ("values_counts", [["a", "b", "a"], "b", ["c", "a"]], {"a": 3, "b": 2, "c": 1}),
        ("count_distinct", [[{"k": 1}], [{"k": 1}], [{"k": 2}]], 2),
    ],
)
def test_one_report_in_three_runs(mode: str, values: list[Any], wanted: Any) -> None:
    found = [out[mode] for out in reports([mode], values + values)]
    assert found == [None, None, wanted, None, None, wanted]


def test_operations_and_objects() -> None:
    frames = [
        tracked({i: around(9, 9) for i in range(n)}, names)
        for n, names in ((2, ["car", "person"]), (0, []), (1, ["car"]))
    ]
    lengths = reports(["avg"], frames, data_operations={"x": [{"type": "SequenceLength"}]})
    assert lengths[-1] == {"avg": 1}
    classes = [{"type": "DetectionsPropertyExtract", "property_name": "class_name"}]
    assert reports(["values_counts"], frames, data_operations={"x": classes})[-1] == {
        "values_counts": {"car": 2, "person": 1}
    }
    assert reports(["count"], frames)[-1] == {"count": 3}


@pytest.mark.parametrize(("unit", "seconds"), [("seconds", 3), ("minutes", 180), ("hours", 10800)])
def test_time_intervals(unit: str, seconds: float) -> None:
    clock = [datetime(2026, 1, 1, tzinfo=UTC)]
    work = session(["sum"], Services(now=lambda: clock[0]), interval_unit=unit)
    outs = []
    for share in (0.5, 0.9, 1.0, 1.2, 2.0):
        clock[0] = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds * share)
        outs.append(work.run({"x": [1]})[0]["sum"])
    assert outs == [None, None, 3, None, 2]


def test_a_text_is_no_number() -> None:
    with pytest.raises(InvalidValue, match=r"x_sum expected a number, got str. Turn it into one with data_operations"):
        reports(["sum"], ["five"])


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"interval": 0}, "interval.*greater than 0"),
        ({"interval_unit": "days"}, "interval_unit.*'seconds', 'minutes', 'hours' or 'runs'"),
        ({"aggregation_mode": {"x": ["median"]}}, "aggregation_mode.*'sum'"),
        ({"aggregation_mode": {"x": ["sum"], "y": ["sum"]}}, "aggregation_mode.*names of data.*'y'"),
        ({"data_operations": {"z": []}}, "data_operations.*names of data.*'z'"),
    ],
)
def test_wrong_fields(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidWorkflow, match=message):
        session(["sum"], **fields)
