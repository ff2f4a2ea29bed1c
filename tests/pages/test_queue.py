"""The queue page: find a review, decide it, and be told what became of it."""

from typing import Any

import pytest
from pages.screen import listed, unfold, until, words
from streamlit.testing.v1 import AppTest

from signoff import browsing, service, views
from signoff.decisions import Reviewer
from signoff.links import PLAIN, query_params
from signoff.reviews import Grouping, Priority, Query, Sort, State
from signoff.ui import table


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label.replace("\\", "") == label).click().run()


def choose(app: AppTest, option: str) -> AppTest:
    group = next(group for group in app.button_group if option in group.options)
    return group.set_value(option).run()


def test_the_queue_counts_and_lists_what_waits_and_opens_the_first(office):
    waiting = office.desk.queue(Query(limit=500))

    app = office.start()

    assert app.metric[0].value == f"{waiting.total}"
    assert list(listed(app)["Request"])[:1] == [waiting.reviews[0].title]
    assert app.subheader[0].value.replace("\\", "") == waiting.reviews[0].title


def test_a_link_opens_its_review(office):
    review = office.review(graph="risk_review")

    assert review.title in words(office.start(review=review.id))


def test_a_link_to_nothing_says_so_and_offers_the_queue(office):
    app = office.start(review="0123456789abcdef")

    assert "There is no such review on this desk" in words(app)
    assert press(app, "Next in queue").subheader


def test_a_row_that_is_clicked_opens_whatever_came_in_above_it_meanwhile(office):
    app = office.start()
    third = office.desk.queue(Query()).reviews[2]

    app.session_state[table.SELECTED] = third.id
    app.run()

    assert app.session_state["queue_table"]["selection"]["rows"] == [2]
    assert app.subheader[0].value.replace("\\", "") == third.title


@pytest.mark.parametrize(
    ("filters", "graphs"),
    [
        ({"graph": "contract"}, {"contract"}),
        ({"q": "txn-10402"}, {"transaction"}),
        ({"priority": "urgent"}, {"transaction"}),
    ],
)
def test_filters_come_from_the_address_and_narrow_the_list(office, filters, graphs):
    app = office.start(**filters)

    assert set(listed(app)["Graph"]) == graphs


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({"q": "no such thing"}, "Nothing matches these filters"),
        ({"view": "mine", "graph": "contract"}, "Nothing matches these filters"),
        ({"view": "mine"}, "You hold no review"),
        ({"state": "closed"}, "No review is closed yet"),
    ],
)
def test_a_list_without_a_row_says_why(office, filters, said):
    app = office.start(**filters)

    assert said in words(app)
    assert "Clear filters" in words(app)


def test_an_answer_is_checked_recorded_applied_and_its_outcome_shown(office):
    review = office.review(graph="transaction", state="waiting")
    app = office.start(review=review.id)

    press(app, "Submit and resume")
    assert "One field needs attention." in words(app)
    assert office.desk.decisions_on(review.id) == ()
    press(choose(app, "Approve"), "Submit and resume")

    until(app, "The thread has finished.")
    [decision] = office.desk.decisions_on(review.id)
    assert (decision.outcome, decision.answer["approved"], decision.reviewer.name) == ("applied", True, "Ada")


def test_the_next_question_of_the_thread_comes_up_by_itself(office):
    review = office.review(graph="intake", node="ask_approval", state="waiting")
    app = office.start(review=review.id)

    press(choose(app, "Yes"), "Submit and resume")

    until(app, "What is your address?")
    assert app.session_state[table.SELECTED] == office.review(thread_id=review.thread_id).id


def test_a_review_that_somebody_else_decides_meanwhile_says_who(office):
    review = office.review(graph="risk_review", state="waiting")
    app = office.start(review=review.id)

    office.desk.decide(review.id, {"approved": False}, reviewer=Reviewer(name="Grace"))

    until(app, "Grace has decided this review.")


def test_from_an_outcome_one_key_leads_to_the_review_that_comes_next_in_the_order_shown(office):
    query = Query(sort=Sort.NEWEST, limit=500)
    listed = [r for r in office.desk.queue(query).reviews if r.state is State.WAITING]
    at = next(place for place, review in enumerate(listed) if review.graph == "deletion")
    app = office.start(review=listed[at].id, sort="newest")
    press(app, "Submit")
    until(app, "The thread has finished.")

    press(app, "Next in queue")

    assert app.session_state[table.SELECTED] == listed[at + 1].id


def field(app: AppTest, name: str) -> Any:
    return next(one for one in [*app.selectbox, *app.text_input] if one.key == f"filter-{name}")


def pick(app: AppTest, key: str, value: Any) -> AppTest:
    return next(group for group in app.button_group if group.key == key).set_value(value).run()


def shown(app: AppTest) -> dict[str, str]:
    return {name: said if isinstance(said, str) else said[-1] for name, said in app.query_params.items()}


def test_filters_are_written_into_the_address_and_taken_away_again(office):
    app = office.start()
    field(app, "graph").set_value("transaction").run()
    field(app, "search").set_value("EUR").run()
    field(app, "sort").set_value(Sort.DUE).run()
    assert shown(app) == {"graph": "transaction", "q": "EUR", "sort": "due"}
    found = office.desk.queue(Query(graph="transaction", search="EUR", sort=Sort.DUE))
    assert [row.split(" · ")[-1] for row in listed(app)["Request"]] == [r.title for r in found.reviews]
    assert f"1–{found.total} of {found.total}" in words(app)

    press(app, "Graph: transaction")
    assert shown(app) == {"q": "EUR", "sort": "due"}
    field(app, "search").set_value("").run()
    assert shown(app) == {"sort": "due"}


def test_a_review_that_was_chosen_stays_open_and_one_that_was_only_offered_gives_way(office):
    first, _, _, chosen = office.desk.queue(Query()).reviews[:4]
    payment = office.desk.queue(Query(graph="transaction")).reviews[0]
    app = office.start()
    assert app.session_state[table.SELECTED] == first.id

    field(app, "graph").set_value("transaction").run()
    assert app.session_state[table.SELECTED] == payment.id

    app = office.start(review=chosen.id)
    field(app, "graph").set_value("transaction").run()
    assert app.session_state[table.SELECTED] == chosen.id


def test_what_is_behind_more_filters_narrows_the_list_as_well(office):
    app = unfold(office.start(), "filter-further")

    pick(app, "filter-priority", Priority.URGENT)
    pick(unfold(app, "filter-further"), "filter-states", ["waiting"])
    unfold(app, "filter-further")
    field(app, "tag").set_value(next(iter(browsing.choices(office.desk).tags))).run()

    assert shown(app).keys() == {"priority", "state", "tag"}
    press(app, "Clear all")
    assert shown(app) == {}


def test_an_address_that_says_nonsense_shows_the_queue_and_what_was_passed_over(office):
    app = office.start(priority="huge", older="<b>", view="nobody's", page="minus", graph="transaction")

    assert "priority=huge was passed over: choose low, normal, high, urgent." in words(app)
    assert "older=<b> was passed over: write it as 30m, 4h or 2d." in words(app)
    assert 'There is no view "nobody\'s" for you' in words(app)
    assert set(listed(app)["Graph"]) == {"transaction"}


def test_a_page_behind_the_last_one_is_the_last_one(office):
    app = office.start(page="900")

    assert len(listed(app)) == (office.desk.queue(PLAIN).total % 50 or 50)
    assert "The page asked for is not there" in words(app)
    assert "is not there" not in words(office.start())


def test_a_review_that_the_filters_hide_stays_open_and_the_page_says_so(office):
    review = office.review(graph="risk_review", state="waiting")

    app = office.start(review=review.id, graph="transaction")

    assert review.title in words(app)
    assert "This review is not among those that the filters show." in words(app)
    assert set(listed(app)["Graph"]) == {"transaction"}


def test_a_review_that_is_clicked_comes_into_the_address(office):
    app = office.start()
    assert "review" not in shown(app)

    app.session_state[table.SELECTED] = office.desk.queue(Query()).reviews[3].id
    app.run()

    assert shown(app)["review"] == app.session_state[table.SELECTED]


def test_groups_are_counted_and_each_leads_to_its_list(office):
    groups = listed(office.start(by="graph"))
    counted = dict(zip(groups["Group"], groups["Reviews"], strict=True))

    bundles = browsing.bundles(office.desk, Query(by=Grouping.GRAPH))

    assert counted == {bundle.label: bundle.count for bundle in bundles}
    narrower = next(bundle.narrower for bundle in bundles if bundle.label == "transaction")
    assert set(listed(office.start(**query_params(narrower)))["Graph"]) == {"transaction"}


def test_a_view_is_saved_shown_with_its_count_renamed_and_deleted(office):
    app = unfold(office.start(graph="transaction", sort="due"), "view-kept")
    app.text_input(key="view-name").set_value("Big *payments*").run()
    press(app, "Save")
    [view] = views.visible(office.desk, "Ada")[len(views.BUILT_IN) :]
    number = office.desk.queue(Query(graph="transaction")).total
    assert f"Big *payments* · {number}" in words(app)
    assert shown(app) == {"view": view.id}

    unfold(app, "view-kept").text_input(key=f"view-name-{view.id}").set_value("Payments")
    app.checkbox(key=f"view-shared-{view.id}").set_value(True)
    press(app, "Change")
    assert f"Payments · {number}" in words(app)
    assert views.find(office.desk, view.id, "Bo").name == "Payments"

    press(unfold(app, "view-kept"), "Delete view")
    assert "Payments · " not in words(app)
    assert shown(app) == {"graph": "transaction", "sort": "due"}


def test_a_view_leads_to_what_it_was_saved_for(office):
    app = office.start(view="trouble")
    assert all("·" in request for request in listed(app)["Request"])

    pick(app, "views", "all")

    assert shown(app) == {"view": "all"}
    assert len(listed(app)) == min(office.desk.queue(Query()).total, 50)


def test_a_view_without_a_name_is_not_saved(office):
    app = press(unfold(office.start(graph="transaction"), "view-kept"), "Save")

    assert "A view needs a name of at most 60 characters." in words(app)


def test_ages_are_marked_by_a_sign_not_by_a_color_alone(office):
    ages = listed(office.start())["Age"]

    assert ages.iloc[0][0].startswith("‼ ")
    assert not listed(office.start(sort="newest"))["Age"].iloc[0][0].startswith(("‼", "⚠"))


def test_filters_are_as_they_were_when_a_reviewer_comes_back_from_another_page(office):
    app = office.start()
    field(app, "graph").set_value("transaction").run()

    app.switch_page("pages/audit.py").run()
    app.query_params.clear()
    app.switch_page("pages/queue.py").run()

    assert shown(app) == {"graph": "transaction"}
    assert set(listed(app)["Graph"]) == {"transaction"}


def test_a_desk_that_cannot_be_read_says_so_above_what_is_shown(office, monkeypatch):
    monkeypatch.setattr(service.Round, "_turn", lambda _round: None)
    monkeypatch.setattr(service.Service, "problem", "The checkpoint database did not answer.")

    said = words(office.start())

    assert "The checkpoint database did not answer." in said
    assert "What is shown may be old" in said


def test_a_first_scan_that_takes_long_says_what_is_going_on(office, monkeypatch):
    monkeypatch.setattr(type(service.service()), "reading", True)

    assert "reads the checkpoint database for the first time" in words(office.start())
