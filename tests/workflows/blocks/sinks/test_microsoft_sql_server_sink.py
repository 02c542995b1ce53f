import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.workflows.blocks.sinks.loopback import allowed
from tests.workflows.running import run_step

from ocella.errors import InvalidValue, InvalidWorkflow, Refused
from ocella.workflows.blocks.sinks.microsoft_sql_server_sink import MicrosoftSqlServerSink
from ocella.workflows.services import Services


def folder(path: Path, *more: str) -> Services:
    return allowed(allow=frozenset({"send", "write-files", *more}), write_to=path)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    with sqlite3.connect(tmp_path / "line.db") as base:
        base.execute('create table "my counts" (at text, n integer, "odd name" real)')
    base.close()
    return tmp_path / "line.db"


def rows(path: Path) -> list[Any]:
    base = sqlite3.connect(path)
    found = base.execute('select * from "my counts"').fetchall()
    base.close()
    return found


def keep(path: Path, data: Any, **fields: Any) -> Any:
    given = {"url": "sqlite:///line.db", "table_name": "my counts", "fire_and_forget": False, **fields}
    return run_step("roboflow_core/microsoft_sql_server_sink@v1", {"data": data}, folder(path.parent), **given)


def test_one_row_and_many(table: Path) -> None:
    one = keep(table, {"at": "10:00", "n": np.int64(3), "odd name": 0.5})
    many = keep(table, [{"at": "10:01", "n": 4}, {"n": 5, "odd name": 1.5}])
    assert (one, many) == (
        {"error_status": False, "message": "1 row written."},
        {"error_status": False, "message": "2 rows written."},
    )
    assert rows(table) == [("10:00", 3, 0.5), ("10:01", 4, None), (None, 5, 1.5)]


def test_other_values_are_kept_as_json(table: Path) -> None:
    keep(table, {"at": {"a": [1, 2]}, "n": True})
    assert rows(table) == [('{"a": [1, 2]}', 1, None)]


def test_names_are_no_code(table: Path) -> None:
    out = keep(table, {"n": 1, 'x") values (1); drop table "my counts"; --': 2})
    assert out["error_status"] is True
    assert (
        keep(table, {"n": "1); drop table x"}, table_name='my counts"; drop table "my counts')["error_status"] is True
    )
    assert rows(table) == []


def test_in_the_background_it_is_written_before_the_end(table: Path) -> None:
    out = keep(table, {"n": 1}, fire_and_forget=True)
    assert out["message"] == "Sent in the background."
    assert rows(table) == [(None, 1, None)]


def test_nothing_to_write(table: Path) -> None:
    assert keep(table, [])["message"] == "There is no row to write."
    with pytest.raises(InvalidValue, match="mappings of columns, got int"):
        keep(table, [3])


def test_a_file_is_below_the_operators_folder_and_allowed(table: Path) -> None:
    for url in ("sqlite:////tmp/never.db", "sqlite:///../never.db", "sqlite:///file:/tmp/never.db?mode=rwc&uri=true"):
        assert keep(table, {"n": 1}, url=url)["error_status"] is True
    assert not Path("/tmp/never.db").exists()  # noqa: S108
    given = {"url": "sqlite:///line.db", "table_name": "t", "fire_and_forget": False}
    out = run_step("microsoft_sql_server_sink", {"data": {"n": 1}}, allowed(write_to=table.parent), **given)
    assert "--allow write-files" in out["message"]


def test_an_address_that_leads_elsewhere_needs_the_private_network(table: Path) -> None:
    for url in (
        "mssql+pyodbc:///?odbc_connect=SERVER%3D10.0.0.1",
        "postgresql://x.example/?host=10.0.0.1",
        "mssql+pyodbc://127.0.0.1/a",
    ):
        assert "private" in keep(table, {"n": 1}, url=url)["message"]


def test_a_sql_server_is_named_by_its_fields() -> None:
    block = MicrosoftSqlServerSink()
    block.host, block.database, block.username, block.password = "db.example", "line", "me", "p@ss/word"
    url = block._url()
    assert url.render_as_string(hide_password=False) == (
        "mssql+pyodbc://me:p%40ss%2Fword@db.example:1433/line?driver=ODBC+Driver+18+for+SQL+Server"
    )
    block.username = None
    assert block._url().query["Trusted_Connection"] == "yes"


def test_a_missing_driver_or_database_is_told(table: Path) -> None:
    services = folder(table.parent, "private-addresses")
    given = {"table_name": "t", "fire_and_forget": False}
    out = run_step("microsoft_sql_server_sink", {"data": {"n": 1}}, services, host="127.0.0.1", database="x", **given)
    assert "driver of 'mssql+pyodbc' is not installed" in out["message"]
    with pytest.raises(InvalidWorkflow) as caught:
        run_step("microsoft_sql_server_sink", {"data": {"n": 1}}, services, **given)
    assert [p.field for p in caught.value.problems] == ["host", "database"]
    with pytest.raises(InvalidValue, match="postgresql"):
        run_step("microsoft_sql_server_sink", {"data": {"n": 1}}, services, url="nonsense", **given)
    with pytest.raises(Refused, match="--allow send"):
        run_step("microsoft_sql_server_sink", {"data": {"n": 1}}, Services(), url="sqlite://", **given)
