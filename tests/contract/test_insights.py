"""Every figure of the insights is what counting the decisions one by one gives."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from math import ceil
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import contract.graphs
import databases
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signoff import insights
from signoff.database.insights import WAITS, noting
from signoff.database.tables import reviews, verdicts
from signoff.decisions import Decision, Outcome, Reviewer
from signoff.reviews import Kind
from signoff.verdicts import Call, Judgement, Verdict

NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
START = NOW - timedelta(hours=30)
BERLIN = ZoneInfo("Europe/Berlin")

WAITING, CLOSED = "waiting", "closed"
case = st.fixed_dictionaries(
    {
        "paused": st.integers(0, 48 * 60).map(lambda minutes: NOW - timedelta(minutes=minutes)),
        "waited": st.integers(0, 40 * 60).map(lambda minutes: timedelta(minutes=minutes)),
        "due": st.none() | st.integers(0, 48 * 60).map(lambda minutes: NOW - timedelta(minutes=minutes)),
        "state": st.sampled_from([WAITING, "claimed", "applying", CLOSED]),
        "decided": st.booleans(),
        "kind": st.sampled_from([Kind.INTERRUPT, Kind.INTERRUPT, Kind.BREAKPOINT, Kind.FAILED]),
        "graph": st.sampled_from([None, "a", "b"]),
        "node": st.sampled_from(["x", "y"]),
        "reviewer": st.sampled_from(["Ada", "Bo", "=1+1"]),
        "verdict": st.sampled_from([Verdict.APPROVED, *Verdict]),
        "calls": st.lists(st.tuples(st.sampled_from(["send", "refund"]), st.sampled_from(Verdict)), max_size=2),
    }
)


@pytest.fixture(scope="module", params=databases.BOTH)
def desk(request, tmp_path_factory):
    with databases.desk(request, tmp_path_factory.mktemp("desk")) as database:
        yield SimpleNamespace(database=database)


def write(desk, cases):
    with desk.database.writing() as connection:
        connection.execute(sa.delete(reviews))
        connection.execute(sa.delete(verdicts))
        for number, one in enumerate(cases):
            same = {
                "thread_id": str(number),
                "checkpoint_id": "c",
                "title": "t",
                "graph": one["graph"],
                "node": one["node"],
            }
            row = same | {"id": f"{number:016}", "kind": one["kind"].value, "state": one["state"], "dialect": ""}
            row |= {"priority": 1, "due_at": one["due"], "paused_at": one["paused"], "tags": [], "search": ""}
            connection.execute(sa.insert(reviews).values(**row))
            if one["decided"]:
                calls = tuple(Call(tool=tool, verdict=verdict) for tool, verdict in one["calls"])
                noting(Judgement(verdict=one["verdict"], calls=calls))(connection, decision(number, one, same))


def decision(number, one, same):
    return Decision(
        **same,
        **{"id": f"{number:032}", "review_id": f"{number:016}", "kind": one["kind"], "attempt": 1, "answer": 1},
        **{
            "reviewer": Reviewer(name=one["reviewer"]),
            "resume": 1,
            "shown": {},
            "digest": "",
            "outcome": Outcome.RECORDED,
        },
        recorded_at=one["paused"] + one["waited"],
    )


def read(desk, graph=None, **span):
    return insights.read(desk, **{"start": START, "end": NOW, "now": NOW, "zone": BERLIN, "graph": graph} | span)


def nearest_rank(values):
    ordered = sorted(values)
    return tuple(ordered[ceil(p * len(ordered) / 100) - 1] for p in (50, 90, 99) if ordered)


def counted(table, *names):
    return {tuple(row[name] for name in names): row["Decisions"] for row in insights.rows(table)}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(cases=st.lists(case, max_size=25), graph=st.sampled_from([None, "a"]))
def test_the_figures_are_those_of_a_plain_count(desk, cases, graph):
    write(desk, cases)
    found = read(desk, graph)
    figures, tables = found.figures, found.tables

    ours = [c for c in cases if c["graph"] == graph or graph is None]
    waiting = [c for c in ours if c["state"] in (WAITING, "claimed")]
    noted = [c for c in ours if c["decided"] and c["kind"] is not Kind.FAILED]
    decided = [c for c in noted if START <= c["paused"] + c["waited"] < NOW]
    arrived = [c["paused"] for c in ours if c["kind"] is not Kind.FAILED and START <= c["paused"] < NOW]
    due = [c for c in decided if c["due"]]
    in_time = [c for c in due if c["paused"] + c["waited"] <= c["due"]]
    overdue = [c for c in waiting if c["due"] and START <= c["due"] < NOW]

    assert figures.waiting == len(waiting)
    assert figures.ages == nearest_rank([(NOW - c["paused"]).total_seconds() for c in waiting])
    assert found.decisions == sum(figures.decided) == len(decided)
    assert sum(figures.arrived) == len(arrived)
    for (start, end), count in zip(found.span.slots, figures.arrived, strict=True):
        assert count == sum(start <= at < end for at in arrived)
    seconds = [c["waited"].total_seconds() for c in decided]
    assert figures.waits == nearest_rank(seconds)
    assert figures.spread[0] == sum(one <= WAITS[0] for one in seconds)
    assert sum(figures.spread) == len(seconds)
    assert (found.in_time, found.late, figures.overdue) == (len(in_time), len(due) - len(in_time), len(overdue))

    assert counted(tables["by reviewer"], "Reviewer") == Counter((c["reviewer"],) for c in decided)
    by_node = Counter((c["graph"] or "unknown", c["node"]) for c in decided)
    assert counted(tables["by node"], "Graph", "Node") == by_node
    assert counted(tables["by tool"], "Tool") == Counter((tool,) for c in decided for tool, _ in c["calls"])
    for row in insights.rows(tables["by graph"]):
        mine = [c["verdict"] for c in decided if (c["graph"] or "unknown") == row["Graph"]]
        assert [row[v.capitalize()] for v in Verdict] == [mine.count(v) for v in Verdict]
        assert row["Approved share"] == mine.count(Verdict.APPROVED) / len(mine)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(cases=st.lists(case, max_size=12))
def test_a_gate_is_named_only_when_every_decision_approved_unchanged(desk, cases):
    write(desk, cases)
    found = read(desk)

    said = {}
    for c in cases:
        if c["decided"] and c["kind"] is not Kind.FAILED and START <= c["paused"] + c["waited"] < NOW:
            for tool, verdict in c["calls"] or [("", c["verdict"])]:
                said.setdefault((c["graph"] or "unknown", c["node"], tool), []).append((verdict, c["reviewer"]))
    always = {
        key: (len(given), len({reviewer for _, reviewer in given}))
        for key, given in said.items()
        if len(given) >= 2 and all(verdict is Verdict.APPROVED for verdict, _ in given)
    }

    table = insights.rows(insights.gates(found.figures.said, BERLIN, least=2))
    named = {(row["Graph"], row["Node"], row["Tool"]): (row["Approved unchanged"], row["Reviewers"]) for row in table}
    assert named == always


def test_slots_keep_to_the_clock_on_the_wall_when_the_clocks_change():
    start, end = datetime(2026, 10, 24, 10, 0, tzinfo=UTC), datetime(2026, 10, 27, 10, 0, tzinfo=UTC)

    days = insights.slots(start, end, unit="day", zone=BERLIN)
    hours = insights.slots(start, end, unit="hour", zone=ZoneInfo("Asia/Kolkata"))

    lengths = [(to - since).total_seconds() / 3600 for since, to in days]
    assert lengths == [12, 25, 24, 11]  # the night of 25 October has an hour more
    assert (hours[0][0], hours[-1][1]) == (start, end)
    assert {since.minute for since, _ in hours[1:]} == {30}


@pytest.mark.parametrize(("days", "unit"), [(1, "hour"), (3, "hour"), (7, "day"), (100, "day"), (1_800, "week")])
def test_a_long_range_is_cut_into_longer_slots(desk, days, unit):
    found = read(desk, start=NOW - timedelta(days=days))

    assert found.unit == unit
    assert 0 < len(found.span.slots) <= 260
    assert found.span.slots[0][0] == NOW - timedelta(days=days)
    assert all(one[1] == two[0] for one, two in zip(found.span.slots, found.span.slots[1:], strict=False))


def test_a_range_that_ends_where_it_begins_holds_nothing(desk):
    found = read(desk, start=NOW)

    assert (found.decisions, found.span.slots, found.kept) == (0, (), None)


def test_what_a_decision_said_is_noted_with_it_and_outlives_the_projection(office):
    [review] = office.pause(contract.graphs.one)
    office.decide(review, {"approved": True})
    office.desk.database.reviews.clear()

    now = datetime.now(UTC)
    found = insights.read(office.desk, start=now - timedelta(hours=1), end=now, now=now, zone=BERLIN)
    assert insights.rows(found.tables["by reviewer"])[0]["Approved"] == 1
