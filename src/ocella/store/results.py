"""What a model said of each image, kept image by image so that a killed run loses nothing."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ocella.errors import Busy, OcellaError, Unreadable

__all__ = ["Results"]


class Results:
    """An append-only SQLite file. `setting` names model and options by hash, `image` the content by hash: the same work
    is never done twice. What `add` returned from survives `kill -9`.
    """

    def __init__(self, file: Path) -> None:
        import sqlalchemy as sa

        file.parent.mkdir(parents=True, exist_ok=True)
        self._engine = sa.create_engine(sa.URL.create("sqlite", database=str(file)))
        sa.event.listen(self._engine, "connect", _crash_safe)
        self._table = sa.Table(
            "results",
            sa.MetaData(),
            sa.Column("setting", sa.String, primary_key=True),
            sa.Column("image", sa.String, primary_key=True),
            sa.Column("body", sa.Text, nullable=False),
        )
        self._file = file
        try:
            with _explained(file), self._engine.begin() as connection:
                connection.execute(sa.schema.CreateTable(self._table, if_not_exists=True))  # two runs may start at once
        except OcellaError:
            self._engine.dispose()
            raise

    def add(self, setting: str, items: Iterable[tuple[str, Any]]) -> None:
        """Keep (image, JSON value) pairs, all or none; an image already kept is replaced. Raises OcellaError where
        the disk says no.
        """
        rows = [{"setting": setting, "image": image, "body": json.dumps(body)} for image, body in items]
        if rows:
            with _explained(self._file), self._engine.begin() as connection:
                connection.execute(self._table.insert().prefix_with("OR REPLACE"), rows)

    def images(self, setting: str) -> set[str]:
        """Hashes of the images that are done."""
        import sqlalchemy as sa

        with _explained(self._file), self._engine.connect() as connection:
            query = sa.select(self._table.c.image).where(self._table.c.setting == setting)
            return set(connection.execute(query).scalars())

    def find(self, setting: str, images: Sequence[str]) -> dict[str, Any]:
        """JSON value by image, of those that are done. Raises Unreadable where one is damaged."""
        import sqlalchemy as sa

        with _explained(self._file), self._engine.connect() as connection:
            query = sa.select(self._table.c.image, self._table.c.body).where(self._table.c.setting == setting)
            rows = connection.execute(query.where(self._table.c.image.in_(images))).all()
        try:
            return {image: json.loads(body) for image, body in rows}
        except ValueError as error:
            raise Unreadable(f"{self._file} is damaged: {error}. Move it away; the run will start anew.") from error

    def items(self, setting: str) -> Iterator[tuple[str, Any]]:
        """(image, JSON value) of everything done."""
        import sqlalchemy as sa

        with self._engine.connect() as connection:
            query = sa.select(self._table.c.image, self._table.c.body).where(self._table.c.setting == setting)
            for image, body in connection.execute(query.order_by(self._table.c.image)):
                yield image, json.loads(body)

    def close(self) -> None:
        """Close the file."""
        self._engine.dispose()


@contextmanager
def _explained(file: Path) -> Iterator[None]:
    import sqlalchemy as sa

    try:
        yield
    except sa.exc.DatabaseError as error:
        code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
        if code in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}:
            raise OcellaError(
                f"{file} cannot be written: {error.orig}. Free some space, or choose another folder, then run it again; "
                f"what was done before is kept."
            ) from error
        if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise Busy(f"{file} is being written by another ocella process. Wait for it, then run it again.") from error
        raise Unreadable(f"{file} cannot be used: {error.orig}. Move it away; the run will start anew.") from error


def _crash_safe(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
