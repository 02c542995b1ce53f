"""What time it is."""

from collections.abc import Mapping
from datetime import UTC, tzinfo
from typing import Annotated, Any, ClassVar, NamedTuple

from pydantic import AfterValidator

from ocella.errors import InvalidValue
from ocella.workflows.block import Block
from ocella.workflows.kinds import Timestamp
from ocella.workflows.problems import nearest

__all__ = ["UNITS"]


def _zone(name: str) -> tzinfo:
    """The time zone of a name; UTC needs no table of zones."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        near = nearest(name, available_timezones(), "Take one like 'Europe/Berlin'.")
        raise InvalidValue(f"a time zone ({near.rstrip('.')})") from error


def _checked(name: str) -> str:
    _zone(name)
    return name


class Now(NamedTuple):
    """One moment, as a time and as texts: in ISO format, its date (2026-03-01) and its time of day (12:30:00)."""

    timestamp: Timestamp
    iso_string: str
    date: str
    time: str


class CurrentTime(Block):
    """The date and time at this moment, in a `timezone` like "UTC" or "Europe/Berlin"."""

    type = "current_time@v1"
    stateful = True
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [],
        "steps": [{"type": "current_time", "name": "now", "timezone": "Europe/Berlin"}],
        "outputs": [{"type": "JsonField", "name": "date", "selector": "$steps.now.date"}],
    }

    timezone: Annotated[str, AfterValidator(_checked)] = "UTC"

    def run(self) -> Now:
        """The moment of the call."""
        now = self.services.now().astimezone(_zone(self.timezone))
        return Now(now, now.isoformat(), now.strftime("%Y-%m-%d"), now.strftime("%H:%M:%S"))


UNITS = (CurrentTime,)
