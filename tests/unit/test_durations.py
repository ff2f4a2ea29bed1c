"""Spans of time are read as graphs, settings and people write them; what is none is None, never an error."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff.durations import LONGEST, read_duration


@pytest.mark.parametrize(
    ("written", "span"),
    [
        (90, timedelta(seconds=90)),
        (0.5, timedelta(seconds=0.5)),
        ("3600", timedelta(hours=1)),
        ("PT2H", timedelta(hours=2)),
        ("P1DT12H", timedelta(hours=36)),
        ("p2w", timedelta(weeks=2)),
        ("PT0.5S", timedelta(seconds=0.5)),
        ("2h 30min", timedelta(minutes=150)),
        ("1 day, 2 hours", timedelta(hours=26)),
        ("90m", timedelta(minutes=90)),
    ],
)
def test_a_span_is_read_however_it_is_written(written, span):
    assert read_duration(written) == span


@pytest.mark.parametrize(
    "written",
    [
        *("", "soon", "P", "PT", "P1Y", "P1M", "2h or so", "-1", "-PT1H", "h", "1e9", "P1D P1D"),
        *(0, -5, True, None, [], {}, float("nan"), float("inf"), 10**400, 1e300, "9" * 40, "9" * 100_000),
    ],
)
def test_what_is_no_span_is_none(written):
    assert read_duration(written) is None


@given(st.one_of(st.text(), st.floats(), st.integers(), st.from_regex(r"P\d*W?\d*DT?\d*H?\d*M?\d*S?", fullmatch=True)))
def test_whatever_is_written_the_span_fits_a_calendar(written):
    span = read_duration(written)

    assert span is None or timedelta(0) < span <= LONGEST
