"""Several sources on the pages: told apart quietly, filtered, and said to be silent while they are."""

import pytest
from pages.screen import listed, words
from unit.two_sources import Town

from signoff import service


@pytest.fixture
def town(open_office, tmp_path, clean_imports):
    opened = Town(tmp_path)
    office = open_office(tmp_path, DB=None, GRAPHS=None)
    yield opened, office
    service.stop_service()


def labels(app):
    return [box.label for box in app.selectbox]


def test_the_queue_names_the_source_beside_each_request_and_is_filtered_by_it(town):
    _, office = town
    app = office.page("queue")

    assert not app.exception
    assert sorted(listed(app)["Source"]) == ["payments", "payments", "support", "support"]
    assert set(listed(app)["Graph"]) == {"agent"}
    assert "Thread t1" in words(app)

    app.selectbox(key="filter-source").select("support").run()

    assert set(listed(app)["Source"]) == {"support"}
    assert app.query_params["source"] in ("support", ["support"])
    assert "Source: support" in [button.label.replace("\\", "") for button in app.button]


def test_a_desk_with_one_database_says_nothing_of_sources(office):
    for page in ("queue", "thread", "system"):
        app = office.page(page)
        assert not app.exception
        assert "Source" not in labels(app)
        assert not [frame for frame in app.dataframe if "Source" in frame.value]
        assert "Sources" not in [header.value for header in app.subheader]


def test_a_thread_is_shown_by_its_own_id_with_its_source(town):
    _, office = town
    app = office.page("thread", thread="support/t2")

    assert not app.exception
    assert app.title[0].value == "Thread t2"
    assert "support" in words(app)
    assert "support/t2" not in app.title[0].value


def test_a_thread_id_that_both_sources_have_leads_to_both(town):
    _, office = town
    app = office.page("thread")
    assert set(listed(app)["Source"]) == {"payments", "support"}

    app.text_input[0].set_value("t2").run()

    assert not app.exception
    assert "Several sources have this thread" in words(app)


def test_a_silent_source_is_named_while_the_others_go_on(town):
    opened, office = town
    review = office.review(thread_id="payments/t1")
    opened.take_away("payments")
    with pytest.raises(Exception, match="payments does not answer"):
        office.desk.scanner.scan_one("payments")

    app = office.page("queue", review=review.id)

    assert not app.exception
    assert "The source payments has not answered since" in words(app)
    assert "Its 2 open reviews are shown as they were last seen" in words(app)
    assert sorted(listed(app)["Source"]) == ["support", "support", "⚠ payments", "⚠ payments"]
    assert "The source payments does not answer" in words(app)
    app = office.page("system")
    assert list(listed(app)["State"]) == ["⚠ silent", "answers"]

    opened.bring_back("payments")
    office.desk.scan()

    assert "has not answered" not in words(office.page("queue"))
