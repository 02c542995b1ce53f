"""Rows written into a table of a database."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from ocella.errors import InvalidValue, MissingPackage
from ocella.workflows.blocks.sinks._base import Deliveries, Effect, Sent, delivered
from ocella.workflows.blocks.sinks._files import place
from ocella.workflows.blocks.sinks._message import as_json
from ocella.workflows.kinds import Secret

__all__ = ["UNITS"]

_IN_FILES = ("sqlite", "duckdb")
_ELSEWHERE = {"host", "hostaddr", "odbc_connect", "service", "unix_socket"}
"""What in an address leads past its host."""


class MicrosoftSqlServerSink(Effect):
    """Insert one row (a mapping of columns) or several into a table that is there. `host`, `port`, `database` and an account
    (without one, the system's own) name a SQL Server; `url` instead names any database as SQLAlchemy does.
    """

    type = "microsoft_sql_server_sink@v1"
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowParameter", "name": "count", "default_value": 3}],
        "steps": [
            {
                "type": "microsoft_sql_server_sink",
                "name": "keep",
                "host": "db.example.com",
                "database": "line",
                "table_name": "counts",
                "data": {"count": "$inputs.count"},
            }
        ],
        "outputs": [{"type": "JsonField", "name": "failed", "selector": "$steps.keep.error_status"}],
    }

    table_name: str
    host: str | None = None
    database: str | None = None
    port: int | str = 1433
    username: str | None = None
    password: Secret | None = None
    driver: str = "ODBC Driver 18 for SQL Server"
    url: Secret | None = None
    fire_and_forget: bool = True
    disable_sink: bool = False

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """Some database must be named."""
        if step.get("url"):
            return []
        return [(n, "where the database is", f"Give '{n}', or 'url'.") for n in ("host", "database") if not step.get(n)]

    def setup(self) -> None:
        """Not connected yet."""
        super().setup()
        self._deliveries = Deliveries()
        self._engine: Any = None
        self._target: Any = None

    def close(self) -> None:
        """Finish what is on its way, then leave the database."""
        self._deliveries.close()
        if self._engine is not None:
            self._engine.dispose()

    def run(self, data: dict[str, Any] | list[Any]) -> Sent:
        """Insert rows."""
        why = self.off(disabled=self.disable_sink)
        if why:
            return Sent(error_status=False, message=why)
        rows = _rows(data)
        if not rows:
            return Sent(error_status=False, message="There is no row to write.")
        target, table = self._url(), self.table_name
        work = lambda: self._insert(target, table, rows)  # noqa: E731  # work is a value here
        return self._deliveries.start(work) if self.fire_and_forget else delivered(work)

    def _url(self) -> Any:
        from sqlalchemy.engine import URL, make_url
        from sqlalchemy.exc import ArgumentError

        if not self.url:
            query = {"driver": self.driver, **({} if self.username else {"Trusted_Connection": "yes"})}
            return URL.create(
                "mssql+pyodbc", self.username, self.password, self.host, int(self.port), self.database, query
            )
        try:
            return make_url(self.url)
        except ArgumentError as error:
            raise InvalidValue(
                "'url' expected an address such as postgresql+psycopg://user:password@host/database."
            ) from error

    def _insert(self, target: Any, table: str, rows: list[dict[str, Any]]) -> str:
        import sqlalchemy
        from sqlalchemy.exc import SQLAlchemyError

        schema, _, name = table.rpartition(".")
        names = list(dict.fromkeys(column for row in rows for column in row))
        into = sqlalchemy.table(name, *(sqlalchemy.column(n) for n in names), schema=schema or None)
        whole = [{n: row.get(n) for n in names} for row in rows]
        try:
            with self._connected(target).begin() as connection:
                connection.execute(sqlalchemy.insert(into), whole)
        except SQLAlchemyError as error:
            raise ConnectionError(f"the database refuses: {str(error).splitlines()[0]}") from error
        return f"{len(rows)} rows written." if len(rows) > 1 else "1 row written."

    def _connected(self, target: Any) -> Any:
        if self._engine is not None and self._target == target:
            return self._engine
        import sqlalchemy
        from sqlalchemy.exc import NoSuchModuleError

        try:
            self._engine, self._target = sqlalchemy.create_engine(self._allowed(target)), target
        except (ImportError, NoSuchModuleError) as error:
            name = target.drivername
            raise MissingPackage(
                f"The driver of '{name}' is not installed: {error}. Install it, or give another 'url'."
            ) from error
        return self._engine

    def _allowed(self, target: Any) -> Any:
        """A database in a file lies below the operator's folder; another one on a host that may be reached."""
        from ocella.workflows.fetch import check_host

        if target.get_backend_name() in _IN_FILES:
            if target.database in (None, "", ":memory:"):
                return target
            self.services.require("write-files", f"Step '{self.step}' ({self.type})")
            path = Path(target.database)
            return target.set(database=str(place(self.services, str(path.parent), path.name)))
        if not target.host or _ELSEWHERE & set(target.query):
            self.services.require("private-addresses", f"Step '{self.step}' ({self.type})")
        else:
            check_host(target.host, target.port or 1433, private=self.private)
        return target


def _rows(data: Any) -> list[dict[str, Any]]:
    rows = data if isinstance(data, list) else [data]
    wrong = [row for row in rows if not isinstance(row, Mapping)]
    if wrong:
        raise InvalidValue(f"'data' expected mappings of columns, got {type(wrong[0]).__name__}.")
    return [{str(k): v if _is_plain(v) else _text(v) for k, v in row.items()} for row in rows if row]


def _is_plain(value: Any) -> bool:
    from datetime import date, datetime

    return value is None or isinstance(value, str | int | float | bytes | datetime | date)


def _text(value: Any) -> Any:
    """Numbers of numpy as numbers, anything else as JSON text."""
    import json

    plain = as_json(value)
    return plain if _is_plain(plain) else json.dumps(plain)


UNITS = (MicrosoftSqlServerSink,)
