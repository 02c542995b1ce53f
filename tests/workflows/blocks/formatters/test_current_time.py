"""The time at a known moment, in zones whose offset is known."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.workflows.services import Services

SERVICES = Services(now=lambda: datetime(2026, 7, 1, 22, 30, 5, tzinfo=UTC))


@pytest.mark.parametrize(
    ("zone", "iso", "date", "time"),
    [
        ("UTC", "2026-07-01T22:30:05+00:00", "2026-07-01", "22:30:05"),
        ("Europe/Berlin", "2026-07-02T00:30:05+02:00", "2026-07-02", "00:30:05"),
        ("Asia/Kolkata", "2026-07-02T04:00:05+05:30", "2026-07-02", "04:00:05"),
        ("Etc/GMT+12", "2026-07-01T10:30:05-12:00", "2026-07-01", "10:30:05"),
    ],
)
def test_the_time_in_a_zone(zone: str, iso: str, date: str, time: str) -> None:
    found = run_step("roboflow_core/current_time@v1", {}, SERVICES, timezone=zone)
    assert (found["iso_string"], found["date"], found["time"]) == (iso, date, time)
    assert found["timestamp"] == datetime(2026, 7, 1, 22, 30, 5, tzinfo=UTC)


def test_it_is_utc_and_now_by_default() -> None:
    found = run_step("current_time", {})
    assert abs(found["timestamp"] - datetime.now(UTC)) < timedelta(seconds=20)
    assert found["timestamp"].utcoffset() == timedelta(0)


def test_an_unknown_zone_is_refused_with_the_nearest() -> None:
    with pytest.raises(InvalidWorkflow, match=r"a time zone .*'Europe/Berlin'"):
        run_step("current_time", {}, timezone="Europe/Berlim")
