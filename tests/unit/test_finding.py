"""The queue finds what a filter over all reviews, written in Python, would find; and the full-text index keeps up."""

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations, product
from zoneinfo import ZoneInfo

import databases
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql

from signoff.database import Database, finding, labels, paging
from signoff.database.finding import conditions, ordering
from signoff.database.reviews import Projected
from signoff.database.search import folded, terms_of
from signoff.database.tables import reviews
from signoff.errors import ReviewNotFound
from signoff.reviews import (
    ME,
    NONE,
    OPEN,
    TROUBLE,
    Due,
    Grouping,
    Kind,
    Priority,
    Query,
    Review,
    Sort,
    State,
    review_id,
)
from signoff.scalars import marks

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
TODAY = NOW.replace(hour=0, minute=0)
FAR = datetime(2999, 1, 1, tzinfo=UTC)
RANKS = list(Priority)


def projected(number, *, thread=None, search="", keys=None, **fields):
    thread = thread or f"txn-{number}"
    given = {"title": f"Review {number}", "paused_at": NOW - timedelta(hours=number), "state": State.WAITING} | fields
    review = Review(
        id=review_id(thread, f"q{number}"),
        thread_id=thread,
        checkpoint_id=f"c{number}",
        kind=Kind.FAILED if given["state"] in TROUBLE else Kind.INTERRUPT,
        **given,
    )
    return Projected(review=review, search=f"{review.title} {thread} {search}", marks=marks(keys or {}))


CORPUS = [
    projected(1, graph="pay", node="approve", dialect="native", tags=("eu", "big"), search="Überweisung an Müller"),
    projected(2, graph="pay", node="check", dialect="hitl", priority=Priority.URGENT, due_at=NOW - timedelta(hours=1)),
    projected(3, graph="pay", node="approve", assignees=("Ada", "Bo"), groups=("finance",), due_at=NOW),
    projected(4, graph="risk", node="assess", groups=("legal", "finance"), due_at=NOW + timedelta(hours=3)),
    projected(5, graph="risk", node="assess", assignees=("Bo",), business_key="K-1", keys={"order_id": "4711"}),
    projected(
        6,
        follow_up_at=FAR,
        graph="risk",
        state=State.FAILED,
        reason="TimeoutError: no answer",
        due_at=NOW + timedelta(days=3),
    ),
    projected(7, node="approve", state=State.STUCK, reason="ValueError", priority=Priority.LOW, business_key="a=b"),
    projected(8, title="apple", due_at=NOW + timedelta(days=30), priority=Priority.HIGH, keys={"order_id": "4712"}),
    projected(9, title="Äpfel", paused_at=NOW - timedelta(hours=8), priority=Priority.HIGH, search='say "hi" OR NOT'),
    projected(10, thread="txn-1", graph="pay", node="approve", tags=("eu",), search="東京支店 🙂 straße"),
    projected(11, thread="gone", graph="pay", tags=("eu",), search="Überweisung", assignees=("Ada",)),
]
HELD = {5: "Ada", 3: "Grace"}
CLOSED = {11}


@pytest.fixture(scope="module", params=databases.BOTH)
def store(request, tmp_path_factory):
    with databases.desk(request, tmp_path_factory.mktemp("finding")) as database:
        fill(database)
        yield database.reviews


def fill(database):
    database.reviews.project(sorted({p.review.thread_id for p in CORPUS}), CORPUS)
    database.reviews.project(["gone"], [])
    with database.writing() as connection:
        for number, name in HELD.items():
            statement = sa.text("UPDATE reviews SET assignee = :name, state = 'claimed' WHERE id = :id")
            connection.execute(statement, {"name": name, "id": CORPUS[number - 1].review.id})


def model():
    """Yield each projected review as the table has it now."""
    for number, one in enumerate(CORPUS, 1):
        state = State.CLOSED if number in CLOSED else State.CLAIMED if number in HELD else one.review.state
        yield replace(one, review=replace(one.review, state=state, assignee=HELD.get(number)))


def is_named(value, wanted):
    return value is None if wanted == NONE else value == wanted


def is_assigned(review, wanted, query):
    person = query.viewer if wanted == ME else wanted
    holders = {review.assignee} if review.assignee else set(review.assignees)
    return not holders if wanted == NONE else person in holders


MODEL = {
    "states": lambda p, v, q: p.review.state in v,
    "graph": lambda p, v, q: is_named(p.review.graph, v),
    "node": lambda p, v, q: is_named(p.review.node, v),
    "thread_id": lambda p, v, q: p.review.thread_id == v,
    "dialect": lambda p, v, q: p.review.dialect == v,
    "priority": lambda p, v, q: p.review.priority == v,
    "assignee": lambda p, v, q: is_assigned(p.review, v, q),
    "group": lambda p, v, q: v in p.review.groups,
    "tag": lambda p, v, q: v in p.review.tags,
    "due": lambda p, v, q: {
        Due.OVERDUE: (p.review.due_at or FAR) < NOW,
        Due.TODAY: (p.review.due_at or FAR) < TODAY + timedelta(days=1),
        Due.WEEK: (p.review.due_at or FAR) < TODAY + timedelta(days=7),
        Due.NEVER: p.review.due_at is None,
    }[v],
    "older": lambda p, v, q: p.review.paused_at <= NOW - v,
    "key": lambda p, v, q: p.review.business_key == v or marks(dict([v.split("=", 1)] if "=" in v else [])) & p.marks,
    "error": lambda p, v, q: p.review.reason == v,
    "snoozed": lambda p, v, q: bool(p.review.follow_up_at and p.review.follow_up_at > NOW) is v,
    "search": lambda p, v, q: all(term in folded(p.search) for term in terms_of(v)),
}
VALUES = {
    "states": [OPEN, TROUBLE, (State.WAITING,), (State.CLAIMED, State.STUCK), (State.CLOSED,), tuple(State)],
    "graph": ["pay", "risk", "none", NONE],
    "node": ["approve", "assess", NONE],
    "thread_id": ["txn-1", "txn-4", "nothing"],
    "dialect": ["native", "hitl", "x"],
    "priority": list(Priority),
    "assignee": ["Ada", "Bo", "Grace", "nobody here", ME, NONE],
    "group": ["finance", "legal", ""],
    "tag": ["eu", "big", "no"],
    "due": list(Due),
    "older": [timedelta(0), timedelta(hours=4), timedelta(days=9)],
    "key": ["K-1", "a=b", "order_id=4711", "order_id=", "4711"],
    "error": ["ValueError", "TimeoutError: no answer"],
    "snoozed": [True, False],
    "search": [
        "review",
        "überweisung",
        "UBERWEISUNG muller",
        "txn-1",
        "xn-1",
        '"hi"',
        '"say" or',
        "支店",
        "東京支",
        "🙂",
        "STRASSE",
    ],
}
KEYS = {
    Sort.OLDEST: lambda r: (r.paused_at, r.id),
    Sort.DUE: lambda r: (r.due_at is None, r.due_at or FAR, r.paused_at, r.id),
    Sort.PRIORITY: lambda r: (-RANKS.index(r.priority), r.paused_at, r.id),
    Sort.TITLE: lambda r: (r.title, r.id),
}


def expected(query):
    active = {name: value for name in MODEL if (value := getattr(query, name)) not in (None, "")}
    found = [p.review for p in model() if all(MODEL[name](p, value, query) for name, value in active.items())]
    if query.sort is Sort.NEWEST:
        return sorted(found, key=KEYS[Sort.OLDEST], reverse=True)
    return sorted(found, key=KEYS[query.sort])


def asked(**wanted):
    return Query(limit=500, **wanted).seen_by("Ada", today=TODAY, now=NOW)


def numbers(reviews):
    return [int(review.checkpoint_id[1:]) for review in reviews]


def agrees(store, query):
    page = store.page(query)
    assert numbers(page.reviews) == numbers(expected(query)[query.offset : query.offset + query.limit])
    assert page.total == len(expected(query))


@pytest.mark.parametrize("name", VALUES)
def test_every_filter_alone_finds_what_it_says(store, name):
    for value in VALUES[name]:
        agrees(store, asked(**{name: value}))


@pytest.mark.parametrize("pair", [*combinations(VALUES, 2)], ids="+".join)
def test_every_two_filters_together_find_what_both_say(store, pair):
    first, second = pair
    for one in VALUES[first]:
        for other in VALUES[second]:
            agrees(store, asked(**{first: one, second: other}))


queries = st.builds(
    lambda **wanted: replace(asked(), **wanted),
    **{name: st.sampled_from(values) | st.just(getattr(Query(), name)) for name, values in VALUES.items()},
    sort=st.sampled_from(Sort),
    limit=st.integers(1, 5),
    offset=st.integers(0, 12),
)


@pytest.mark.parametrize("few", [0, 1, 3])
@pytest.mark.parametrize("sort", Sort)
def test_labels_find_the_same_however_many_reviews_have_them(store, monkeypatch, few, sort):
    monkeypatch.setattr(labels, "_FEW", few)
    for tag, group, offset in product([None, *VALUES["tag"]], [None, *VALUES["group"]], (0, 1, 4)):
        agrees(store, replace(asked(tag=tag, group=group), sort=sort, limit=2, offset=offset))


@settings(max_examples=300, deadline=None)
@given(queries)
def test_any_filters_order_and_page_agree_with_the_model(store, query):
    agrees(store, query)


@pytest.mark.parametrize("much", [1, 4, 1000])
@pytest.mark.parametrize("sort", Sort)
def test_a_search_finds_the_same_however_much_it_finds_and_wherever_the_page_is(store, monkeypatch, much, sort):
    monkeypatch.setattr(paging, "_MUCH", much)
    monkeypatch.setattr(paging, "_NEAR", 3)
    for text, offset, graph in product(["review", "re", "txn review", "nothing"], (0, 1, 3, 4, 8, 11), [None, "pay"]):
        agrees(store, replace(asked(search=text, graph=graph), sort=sort, limit=2, offset=offset))


@settings(max_examples=150, deadline=None)
@given(st.text() | st.text(alphabet="\"*^():-+{}'\\%_ abtnORAND\0"))
def test_whatever_is_typed_is_looked_for_and_never_understood_as_syntax(store, text):
    agrees(store, asked(search=text))


@pytest.mark.parametrize(
    "text", ["x" * 100_000, '"' * 5_000, "a b c " * 5_000, "\ud800", "NEAR(a b)", "search:pay", '"']
)
def test_hostile_searches_find_nothing_and_harm_nothing(store, text):
    agrees(store, asked(search=text))


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("wanted", [{}, {"graph": "pay"}, {"states": TROUBLE}, {"search": "review"}])
def test_the_next_one_is_the_one_behind_in_the_order_shown(store, sort, wanted):
    query = replace(asked(**wanted), sort=sort)
    listed = expected(query)

    following = [store.following(query, review.id) for review in listed]

    assert [r.id for r in following] == [r.id for r in [*listed[1:], listed[0]]]


def test_the_next_after_one_that_is_closed_or_filtered_out_is_found_all_the_same(store):
    query = asked(graph="pay")

    assert store.following(query, CORPUS[10].review.id).id == expected(query)[0].id
    assert store.following(query, CORPUS[3].review.id).id == CORPUS[2].review.id
    assert store.following(query, None).id == expected(query)[0].id
    assert store.following(asked(graph="nothing"), CORPUS[0].review.id) is None


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("wanted", [{}, {"graph": "pay"}, {"states": tuple(State)}, {"search": "review"}])
def test_pages_behind_the_last_row_of_the_one_before_are_the_whole_list(store, sort, wanted):
    query = replace(asked(**wanted), sort=sort, limit=2)
    listed, after = [], None

    while rows := (page := store.page(replace(query, after=after))).reviews:
        listed, after = [*listed, *rows], rows[-1].id

    assert numbers(listed) == numbers(expected(query))
    assert page.total == len(expected(query))


def test_a_page_behind_a_review_that_is_not_there_is_refused(store):
    with pytest.raises(ReviewNotFound, match="no review 'nothing'"):
        store.page(asked(after="nothing"))


@pytest.mark.parametrize("by", Grouping)
@pytest.mark.parametrize("wanted", [{}, {"search": "review"}, {"states": TROUBLE}])
def test_groups_count_everything_and_each_opens_to_what_it_counts(store, by, wanted):
    query = replace(asked(**wanted), by=by)

    bundles = store.bundles(query)

    assert sum(bundle.count for bundle in bundles) == len(expected(query))
    for bundle in bundles:
        listed = store.page(bundle.narrower)
        assert (listed.total, min(r.paused_at for r in listed.reviews)) == (bundle.count, bundle.oldest)


def test_several_queries_are_counted_in_one_pass(store):
    wanted = [asked(), asked(assignee=ME), asked(assignee=NONE), asked(search="review"), asked(states=TROUBLE)]

    assert store.totals(wanted) == [len(expected(query)) for query in wanted]
    assert store.totals([]) == []
    closed = [asked(states=(State.CLOSED,)), asked(states=(State.CLOSED, State.WAITING), tag="eu")]
    assert store.totals([*closed, asked()]) == [store.page(query).total for query in [*closed, asked()]]
    assert store.totals(closed) > [0, 0]


def test_the_choices_are_those_of_open_reviews_with_their_counts(store):
    choices = store.choices()

    assert choices.graphs == {"pay": 4, None: 3, "risk": 3}
    assert choices.groups == {"finance": 2, "legal": 1}
    assert choices.tags == {"eu": 2, "big": 1}
    assert choices.assignees == {"Ada": 1, "Grace": 1}  # what somebody holds is theirs, whoever it was meant for
    assert choices.assignees == {name: len(expected(asked(assignee=name))) for name in choices.assignees}
    assert expected(asked(assignee="Bo")) == []


@pytest.fixture(params=databases.BOTH)
def database(request, tmp_path):
    with databases.desk(request, tmp_path) as database:
        yield database


def found(database, text):
    return numbers(database.reviews.page(Query(search=text)).reviews)


def indexed(database):
    """Check the full-text index against the rows it stands for, and return how many it holds."""
    with database.writing() as connection:
        own = connection.dialect.name == "postgresql"  # which keeps its indexes itself
        every = "SELECT seq FROM reviews WHERE state != 'closed'" if own else "SELECT id FROM words_docsize"
        inside = {row[0] for row in connection.exec_driver_sql(every)}
        rows = {row[0] for row in connection.exec_driver_sql("SELECT seq FROM reviews WHERE state <> 'closed'")}
        assert inside == rows
        labelled = {row[0] for row in connection.exec_driver_sql("SELECT review FROM labels")}
        assert labelled <= rows
    return len(inside)


def test_the_index_follows_a_text_that_changes_closes_and_comes_back(database):
    first, second = projected(1, search="alpha", tags=("x",)), projected(2, search="beta")
    database.reviews.project(["txn-1", "txn-2"], [first, second])
    assert (found(database, "alpha"), indexed(database)) == ([1], 2)

    database.reviews.project(
        ["txn-1"], [replace(first, search="gamma txn-1", review=replace(first.review, tags=("y",)))]
    )
    assert (found(database, "alpha"), found(database, "gamma")) == ([], [1])
    assert numbers(database.reviews.page(Query(tag="y")).reviews) == [1]
    assert database.reviews.page(Query(tag="x")).total == 0

    database.reviews.project(["txn-1"], [])
    assert (found(database, "gamma"), indexed(database)) == ([], 1)
    closed = database.reviews.page(Query(search="gamma", states=(State.CLOSED,)))
    assert numbers(closed.reviews) == [1]

    database.reviews.project(["txn-1"], [first])
    assert (found(database, "alpha"), indexed(database)) == ([1], 2)


def test_the_index_is_right_after_a_rebuild(database):
    fill(database)
    database.reviews.clear()
    assert indexed(database) == 0

    fill(database)

    assert indexed(database) == 10
    agrees(database.reviews, asked(search="überweisung"))


def test_the_index_outlives_a_vacuum(database):
    fill(database)
    with database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM reviews WHERE state = 'closed'")
    with database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        if database.file is None:
            driver.autocommit = True
        driver.execute("VACUUM")
    database.engine.dispose()

    assert found(database, "muller") == [1]


def test_what_one_filter_asks_is_one_statement_that_postgresql_understands():
    everything = {name: values[-1] for name, values in VALUES.items()} | {"states": OPEN}
    listing = sa.select(reviews.c.id).where(*conditions(asked(**everything), "postgresql"))

    text = str(listing.order_by(*ordering(Sort.DUE)).compile(dialect=postgresql.dialect()))

    assert "MATCH" not in text
    assert "+reviews" not in text


@pytest.fixture
def explained(tmp_path):
    """Return what tells how SQLite means to read a page: the plan of its last statement, a line each."""
    with closing(Database(f"sqlite:///{tmp_path / 'desk.db'}")) as desk, desk.reading() as connection:
        desk.reviews.project([f"txn-{number}" for number in range(10)], [projected(number) for number in range(10)])
        said = []
        sa.event.listen(desk.engine, "before_cursor_execute", lambda _, __, *asked: said.append(asked[:2]))

        def plan(query):
            desk.reviews.page(query)
            statement, parameters = said[-1]
            steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            return [step.detail for step in steps]

        yield plan


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("offset", [1, 8])
@pytest.mark.parametrize("wanted", [{}, {"snoozed": False}])
def test_a_page_is_read_in_order_from_either_end_and_never_sorted(explained, sort, offset, wanted):
    [step] = explained(Query(sort=sort, offset=offset, limit=1, **wanted))

    assert step.startswith("SCAN reviews USING INDEX open_reviews_by_")


def test_a_label_that_many_have_is_counted_in_nothing_but_an_index(explained, monkeypatch):
    monkeypatch.setattr(labels, "_FEW", -1)

    [step] = explained(Query(tag="common", group="finance", assignee=ME, limit=0))

    assert step.startswith("SCAN reviews USING COVERING INDEX open_reviews_by_")


@pytest.mark.parametrize("sort", Sort)
def test_the_few_reviews_with_a_label_are_looked_up_and_sorted(explained, sort):
    steps = explained(Query(sort=sort, limit=20, tag="common"))

    assert steps[0].startswith("SEARCH reviews USING INTEGER PRIMARY KEY")
    assert "USE TEMP B-TREE FOR ORDER BY" in steps


@pytest.mark.parametrize("counted", ["choices", "node", "graph"])
def test_groups_and_choices_are_counted_as_they_lie_in_an_index(tmp_path, counted):
    said = []
    with closing(Database(f"sqlite:///{tmp_path / 'desk.db'}")) as desk, desk.reading() as connection:
        sa.event.listen(desk.engine, "before_cursor_execute", lambda _, __, *asked: said.append(asked[:2]))
        if counted == "choices":
            desk.reviews.choices()
        else:
            desk.reviews.bundles(Query(by=Grouping(counted), snoozed=False))
        statement, parameters = next(asked for asked in said if "FROM reviews" in asked[0])
        first, *others = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()

    assert first.detail == "SCAN reviews USING COVERING INDEX open_reviews_by_graph"
    assert not any("GROUP BY" in step.detail for step in others)


def test_the_figures_count_what_is_snoozed_without_going_through_what_is_open(tmp_path):
    said = []
    with closing(Database(f"sqlite:///{tmp_path / 'desk.db'}")) as desk, desk.reading() as connection:
        sa.event.listen(desk.engine, "before_cursor_execute", lambda _, __, *asked: said.append(asked[:2]))
        desk.reviews.counts(today=TODAY)
        [(statement, parameters)] = [asked for asked in said if "count" in asked[0] and "follow_up_at >" in asked[0]]
        [step] = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()

    assert step.detail == "SEARCH reviews USING INDEX reviews_by_follow_up (follow_up_at>?)"


def test_the_figures_do_not_read_decisions_that_ended_before_today(tmp_path):
    said = []
    with closing(Database(f"sqlite:///{tmp_path / 'desk.db'}")) as desk, desk.engine.connect() as connection:
        sa.event.listen(desk.engine, "before_cursor_execute", lambda _, __, *asked: said.append(asked))
        desk.reviews.counts(today=TODAY)
        [(statement, parameters)] = [asked[:2] for asked in said if "FROM decisions" in asked[0]]
        [step] = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()

    assert step.detail == "SEARCH decisions USING COVERING INDEX decisions_by_end (settled_at>?)"


def test_looking_for_the_open_threads_reads_an_index_alone(tmp_path):
    said = []
    with closing(Database(f"sqlite:///{tmp_path / 'desk.db'}")) as desk, desk.engine.connect() as connection:
        fill(desk)
        sa.event.listen(desk.engine, "before_cursor_execute", lambda _, __, *asked: said.append(asked))
        assert "txn-5" in desk.reviews.open_threads()
        [(statement, parameters)] = [asked[:2] for asked in said if "FROM reviews" in asked[0]]
        [step] = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()

    assert step.detail == "SEARCH reviews USING COVERING INDEX open_reviews_by_thread (source=?)"


@pytest.mark.parametrize("asked", [{"due": Due.OVERDUE}, {"due": Due.TODAY}, {"older": timedelta(days=1)}])
def test_the_same_question_asked_again_is_about_the_time_at_which_it_is_asked(store, monkeypatch, asked):
    """Statements are kept; what they say of "now" is not."""
    query, found = Query(**asked, limit=100), []

    for now in (NOW - timedelta(days=2), NOW, NOW + timedelta(days=2)):
        monkeypatch.setattr(finding, "datetime", type("Clock", (datetime,), {"now": lambda _zone, now=now: now}))
        found.append((store.page(query).total, store.totals([query])[0]))
        assert found[-1] == (store.page(replace(query, now=now)).total,) * 2

    assert found[0] < found[-1]


def test_a_week_ends_where_its_reader_lives_whoever_asked_before(database):
    """The same moment begins both days; seven days later the clocks of one place have changed."""
    due = projected(1, due_at=datetime(2026, 3, 31, 22, 30, tzinfo=UTC))
    database.reviews.project([due.review.thread_id], [due])
    days = [datetime(2026, 3, 25, tzinfo=ZoneInfo(zone)) for zone in ("Europe/Berlin", "Africa/Lagos")]
    queries = [Query(due=Due.WEEK, today=day, now=day) for day in days]

    assert days[0] == days[1]
    assert [database.reviews.page(query).total for query in queries] == [0, 1]
    assert [database.reviews.totals([query]) for query in queries] == [[0], [1]]
