"""The insights page: figures of the real record, over a range that the address keeps, of hostile names too."""

import csv
import io
import json
import shutil
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pages.hostile import CONTROLS, MARKUP, NODE, WORDS, builder
from pages.screen import INERT, texts, words
from pages.test_hostile import GRAPH

from signoff import insights
from signoff.decisions import Reviewer
from signoff.reviews import Query
from signoff.sheets import to_csv

NAME = f"=HYPERLINK({WORDS})"


def metric(app, label):
    return next(each.value for each in app.metric if each.label == label)


def tables(app):
    return [frame.value for frame in app.dataframe]


@pytest.fixture(scope="module")
def decided(open_office, seeded, tmp_path_factory):
    """The demo's desk, on which payments have been approved as they were and one was rejected."""
    folder = tmp_path_factory.mktemp("insights")
    shutil.copy(seeded, folder)
    office = open_office(folder)
    office.desk.scan()
    for number, review in enumerate(office.desk.queue(Query(graph="transaction", limit=4)).reviews):
        answer = {"approved": number != 0, "note": "read"}
        office.desk.decide(review.id, answer, reviewer=Reviewer(name="Grace"))
    return office


def test_the_page_counts_what_was_decided(decided):
    app = decided.page("insights")

    assert not app.exception
    assert metric(app, "Decisions") == "4"
    by_graph = tables(app)[0].to_dict("records")
    assert [(row["Graph"], row["Approved"], row["Rejected"]) for row in by_graph] == [("transaction", 3, 1)]
    assert by_graph[0]["Approved share"] == 0.75
    assert "Grace" in {value for table in tables(app) for value in table.to_numpy().ravel()}


def test_the_graph_and_the_range_come_from_the_address(decided):
    other = decided.page("insights", insights_graph="deletion")
    past = decided.page("insights", insights_range="Custom", insights_days="2026-01-01")

    assert metric(other, "Decisions") == "0"
    assert "No decision in this range yet" in words(other) or "Nothing arrived" in words(other)
    assert not past.exception


@pytest.mark.parametrize("asked", ["24 hours", "7 days", "30 days", "Custom", "since ever"])
def test_every_range_can_be_chosen_and_a_wrong_one_is_the_usual(decided, asked):
    app = decided.page("insights", insights_range=asked)

    assert not app.exception
    assert metric(app, "Decisions") == "4"


def test_every_figure_says_what_it_counts(decided):
    app = decided.page("insights")

    assert all(each.help for each in app.metric)


@pytest.fixture(scope="module")
def hostile(open_office, seeded, tmp_path_factory):
    """As many decisions as make a gate, by a reviewer and at a node of hostile names."""
    folder = tmp_path_factory.mktemp("hostile-insights")
    shutil.copy(seeded, folder)
    office = open_office(folder, GRAPHS=None, GRAPH=GRAPH)
    for number in range(insights.LEAST):
        office.pause(builder, f"t{number}", graph_id="asking")
    office.desk.scan()
    for review in office.desk.queue(Query(graph="asking", limit=50)).reviews:
        office.desk.decide(review.id, {"answer": "yes"}, reviewer=Reviewer(name=NAME))
    return office


def test_names_that_would_be_markup_are_shown_as_they_are(hostile):
    app = hostile.page("insights", insights_graph="asking")

    drawn = [text for kind, text in texts(app) if kind not in INERT]
    assert not app.exception
    assert metric(app, "Decisions") == str(insights.LEAST)
    assert not [text for text in drawn for mark in (*MARKUP, *CONTROLS) if mark in text]
    by_node, always = tables(app)[1], tables(app)[-1]
    assert by_node["Node"].tolist() == always["Node"].tolist() == [NODE]


def test_an_export_holds_names_letter_by_letter_and_no_formula(hostile):
    now = datetime.now(UTC)
    found = insights.read(hostile.desk, start=now - timedelta(days=1), end=now, now=now, zone=ZoneInfo("UTC"))

    exported = json.loads(json.dumps(insights.export(found)))
    [cell] = [row["Reviewer"] for row in csv.DictReader(io.StringIO(to_csv(exported["tables"]["by reviewer"])))]

    assert exported["tables"]["by reviewer"][0]["Reviewer"] == NAME
    assert cell == f"'{NAME}"
    assert all(to_csv(rows).count("\n") > 1 for rows in exported["tables"].values() if rows)
