"""A table as CSV text."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ocella.workflows.block import Batch, Block
from ocella.workflows.problems import nearest
from ocella.workflows.query import Operations

__all__ = ["UNITS"]

_TIME = "timestamp"


class CsvFormatter(Block):
    """A CSV document with one row for each element and the columns of `columns_data`, then `timestamp`, the time in UTC. Of
    several images at once, only the last gets the document, with the rows of all. `columns_operations` change a column first.
    """

    type = "csv_formatter@v1"
    stateful = True
    output = "csv_content"
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowParameter", "name": "place", "default_value": "gate 3"}],
        "steps": [
            {
                "type": "csv_formatter",
                "name": "table",
                "columns_data": {"place": "$inputs.place", "line": 1},
                "columns_operations": {"place": [{"type": "StringToUpperCase"}]},
            }
        ],
        "outputs": [{"type": "JsonField", "name": "csv", "selector": "$steps.table.csv_content"}],
    }

    columns_operations: dict[str, Operations] = {}  # a default, never changed

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """The name of the column of times is taken; operations need their column."""
        columns, operations = step.get("columns_data"), step.get("columns_operations") or {}
        found = []
        if isinstance(columns, Mapping):
            if _TIME in columns:
                found.append(("columns_data", f"columns other than '{_TIME}'", "It is added by itself. Rename yours."))
            lacking = [name for name in operations if name not in columns] if isinstance(operations, Mapping) else []
            found += [("columns_operations", "names of columns", f"'{n}': {nearest(n, columns)}") for n in lacking]
        return found

    def run(self, columns_data: Batch[dict[str, Any]]) -> Batch[str | None]:
        """The document in the last place, None in the others."""
        rows = [self._row(columns) for columns in columns_data]
        return [*([None] * (len(rows) - 1)), _csv(rows)] if rows else []

    def _row(self, columns: Mapping[str, Any]) -> dict[str, Any]:
        row = {name: self._cell(name, value) for name, value in columns.items()}
        return row | {_TIME: self.services.now().isoformat()}

    def _cell(self, name: str, value: Any) -> Any:
        chain = self.columns_operations.get(name)
        return value if chain is None else chain(value, {})


def _csv(rows: Sequence[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


UNITS = (CsvFormatter,)
