"""What a reviewer is told of a thread that its server will delete."""

from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest


def review(expires_at):
    from datetime import UTC, datetime

    from signoff.checkpoints import Head
    from signoff.ui import expiry

    expiry.show(Head(thread_id="t", checkpoint_id="c", created_at=datetime.now(UTC), expires_at=expires_at))


@pytest.mark.parametrize(("hours", "captions", "warnings"), [(None, 0, 0), (3, 0, 1), (72, 1, 0)])
def test_the_end_of_a_thread_is_said_and_warned_about_on_its_last_day(hours, captions, warnings):
    end = None if hours is None else datetime.now(UTC) + timedelta(hours=hours)

    page = AppTest.from_function(review, kwargs={"expires_at": end}).run()

    assert not page.exception
    assert (len(page.caption), len(page.warning)) == (captions, warnings)
    assert all("deletes this thread" in one.value for one in (*page.caption, *page.warning))
