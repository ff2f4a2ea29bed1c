"""What graphs tell the queue about their questions: read where it makes sense, ignored where it does not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from signoff.dialects.metadata import Metadata, read_metadata
from signoff.reviews import Priority

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-01T12:00:00Z",
        "2026-03-01T12:00:00",
        "2026-03-01T13:00:00+01:00",
        NOON.timestamp(),
        int(NOON.timestamp() * 1000),
        str(int(NOON.timestamp())),
    ],
)
def test_times_are_read_however_they_are_written(written):
    assert read_metadata({"due_at": written}, {}).due_at == NOON


def test_a_day_is_its_first_moment_in_utc():
    assert read_metadata({"due": "2026-03-01"}, {}).due_at == datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "garbage", ["soon", "", None, True, [], {}, 7, -1, 1e300, float("nan"), "9" * 400, "0001-01-01T00:00:00+14:00"]
)
def test_what_is_no_time_is_ignored(garbage):
    assert read_metadata({"due_at": garbage, "expires_at": garbage}, {}) == Metadata()


@pytest.mark.parametrize(
    ("written", "priority"),
    [
        ("urgent", Priority.URGENT),
        ("HIGH ", Priority.HIGH),
        ("critical", Priority.URGENT),
        ("medium", Priority.NORMAL),
        (1, Priority.URGENT),
        ("P2", Priority.HIGH),
        (3, Priority.NORMAL),
        (99, Priority.LOW),
        ("whatever", Priority.NORMAL),
        (None, Priority.NORMAL),
        (True, Priority.NORMAL),
        ([], Priority.NORMAL),
    ],
)
def test_priorities_are_words_or_tracker_numbers(written, priority):
    assert read_metadata({"priority": written}, {}).priority is priority


def test_everything_the_convention_names_is_read():
    payload = {
        "title": "Invoice\n4711",
        "description": "Over the limit",
        "priority": "high",
        "due_at": "2026-03-01T12:00:00Z",
        "expires_at": "2026-03-01T12:00:00Z",
        "follow_up_at": "2026-03-01T12:00:00Z",
        "assignees": ["ada", "bob", "ada", 7, None],
        "groups": "finance, legal",
        "business_key": 4711,
        "tags": ["eu"],
        "requested_by": "agent",
    }

    assert read_metadata(payload, {}) == Metadata(
        title="Invoice 4711",
        description="Over the limit",
        priority=Priority.HIGH,
        due_at=NOON,
        expires_at=NOON,
        follow_up_at=NOON,
        assignees=("ada", "bob", "7"),
        groups=("finance", "legal"),
        business_key="4711",
        tags=("eu",),
        requested_by="agent",
    )


def test_the_payload_wins_and_the_thread_fills_the_gaps():
    read = read_metadata(
        {"priority": "low", "business_key": ""}, {"priority": "high", "business_key": "B", "title": "no"}
    )

    assert (read.priority, read.business_key, read.title) == (Priority.LOW, "B", None)


@pytest.mark.parametrize("payload", ["text", None, 3, ["a"], {"tags": {"a": 1}, "assignees": 5, "title": {"a": 1}}])
def test_payloads_without_metadata_have_none(payload):
    assert read_metadata(payload, {}) == Metadata()
