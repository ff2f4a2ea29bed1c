"""The list of all threads: searched, filtered, opened."""

import pytest
from pages.screen import listed, words

from signoff.threads import ThreadQuery


@pytest.fixture
def page(office):
    return office.page("thread")


def total(office, **wanted):
    return office.desk.database.threads.page(ThreadQuery(**wanted)).total


def test_all_threads_are_listed_with_where_they_stand(office, page):
    assert not page.exception
    assert f"of {total(office):,}" in words(page)
    assert {"waiting", "finished", "× failed"} <= set(listed(page)["State"])


def test_a_search_finds_a_thread_by_its_id(page):
    page.text_input(key="threads").set_value("txn-10402").run()

    assert list(listed(page)["Thread"]) == ["txn-10402"]


def test_filters_come_from_the_address(office):
    app = office.page("thread", of_graph="transaction", standing="finished")

    assert set(listed(app)["State"]) == {"finished"}
    assert set(listed(app)["Graph"]) == {"transaction"}


def test_filters_that_nothing_matches_say_so(page):
    page.text_input(key="threads").set_value("no such thread").run()

    assert "No thread matches these filters" in words(page)


def test_the_next_page_is_left_for_the_first_when_a_filter_is_set(office, page):
    page.session_state["threads_page"] = 2
    page.run()
    assert f"51–{total(office)} of" in words(page)

    page.text_input(key="threads").set_value("txn-1040").run()

    assert words(page).count("1–") == 1


def test_a_thread_can_be_exported(office):
    app = office.page("thread", thread="txn-10402")

    assert not app.exception
    assert [button.label for button in app.get("download_button")] == ["Report (HTML)", "Report (JSON)"]
