"""Every back end that can be read, behind one fixture: a contract test is written once and obeyed by all."""

import sqlite3
from collections.abc import Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import contract.graphs
import databases
import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.sqlite import SqliteSaver

from signoff import wiring
from signoff.appliers import Applying
from signoff.checkpoints import Checkpoints
from signoff.checkpoints.many import Many
from signoff.checkpoints.postgres import PostgresCheckpoints
from signoff.checkpoints.saver import SaverCheckpoints
from signoff.checkpoints.source import Source
from signoff.checkpoints.sqlite import SqliteCheckpoints
from signoff.database import Database
from signoff.decisions import Reviewer
from signoff.desk import Desk
from signoff.graphs.fingerprints import fingerprints_of
from signoff.graphs.shape import shape_of
from signoff.reviews import Query
from signoff.sources import Sources


@dataclass
class Store:
    saver: Any
    checkpoints: Checkpoints

    def head(self, thread_id="t"):
        [head] = self.checkpoints.heads([thread_id])
        return head

    def running(self) -> Any:
        """Open the saver with which a graph runs."""
        many = isinstance(self.checkpoints, Many)
        return (self.checkpoints.parts["main"].inner if many else self.checkpoints).saver()

    def open_ids(self, thread_id="t"):
        return {question.interrupt_id for question in self.head(thread_id).open}


@pytest.fixture(params=["memory", "sqlite", "postgres", "many"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        saver = InMemorySaver()
        yield Store(saver, SaverCheckpoints(saver))
        return
    if request.param == "postgres":
        with postgres_store(request.getfixturevalue("checkpoints_url")) as opened:
            yield opened
        return
    with sqlite_store(tmp_path / "checkpoints.sqlite") as opened:
        yield (
            opened
            if request.param == "sqlite"
            else Store(opened.saver, beside_another(opened.checkpoints, _twins(request)))
        )


def _twins(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """Return threads that the other source has, too; none where a module's tests count all that is on the desk."""
    alone = ("test_claims", "test_comments_and_overrides", "test_news", "test_threads", "test_timing")
    return () if request.path.stem in alone else ("t", "a", "b", "first", "second")


def beside_another(checkpoints: Checkpoints, twins: tuple[str, ...]) -> Many:
    """Put a source, whose threads keep their ids, beside one in which threads of the same ids ask the same."""
    busy = InMemorySaver()
    for thread in twins:
        config = {"configurable": {"thread_id": thread}, "metadata": {"graph_id": "one"}}
        contract.graphs.one(busy).invoke({"x": 0, "log": []}, config)
    sources = Sources(names=("main", "busy"), plain="main")
    here = Source("main", sources, "main", lambda: checkpoints)
    return Many(sources, [here, Source("busy", sources, "busy", lambda: SaverCheckpoints(busy))])


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Store]:
    with sqlite_store(tmp_path / "checkpoints.sqlite") as opened:
        yield opened


class sqlite_store:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> Store:
        self.connection = sqlite3.connect(self.path, check_same_thread=False)
        saver = SqliteSaver(self.connection)
        saver.setup()
        self.checkpoints = SqliteCheckpoints(self.path)
        return Store(saver, self.checkpoints)

    def __exit__(self, *_: object) -> None:
        self.checkpoints.close()
        self.connection.close()


@pytest.fixture(scope="session")
def checkpoint_template(postgres: Any) -> Iterator[str]:
    """The name of a database with LangGraph's tables, for others to be copied from."""
    with postgres.database() as url:
        with PostgresSaver.from_conn_string(url) as saver:
            saver.setup()
            [row] = saver.conn.execute("SELECT current_database() AS name").fetchall()
        yield row["name"]


@pytest.fixture
def checkpoints_url(postgres: Any, checkpoint_template: str) -> Iterator[str]:
    """The address of a PostgreSQL database with LangGraph's tables, of the test's own."""
    with postgres.database(template=checkpoint_template) as url:
        yield url


@pytest.fixture
def on_postgres(checkpoints_url: str) -> Iterator[Store]:
    with postgres_store(checkpoints_url) as opened:
        yield opened


@contextmanager
def postgres_store(url: str) -> Iterator[Store]:
    with PostgresSaver.from_conn_string(url) as saver, closing(PostgresCheckpoints(url)) as checkpoints:
        yield Store(saver, checkpoints)


class LocalGraphs:
    """The graphs of `contract.graphs`, as `signoff.graphs.Graphs` offers them."""

    def __init__(self) -> None:
        self.made = {make.__name__: make for make in contract.graphs.ALL}
        self.broken: dict[str, Any] = {}
        self.before: frozenset[str] = frozenset()
        self.after: frozenset[str] = frozenset()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.made)

    def part(self, source):
        return self

    def add(self, name, make) -> None:
        self.made[name] = make

    def breakpoints(self, name):
        return SimpleNamespace(before=self.before, after=self.after)

    def shape(self, name):
        return shape_of(self.made[name](None))

    def fingerprint(self, name, node):
        return fingerprints_of(self.made[name](None)).get(node) if name in self.made else None

    def candidates(self, nodes, channels):
        return ()

    @asynccontextmanager
    async def open(self, name, *, checkpointer, config):
        yield self.made[name](checkpointer)


class NoJobs:
    """Takes jobs and does nothing: the tests deliver decisions themselves."""

    def enqueue(self, connection, decision) -> None: ...

    def close(self) -> None: ...


@dataclass
class Office:
    """A desk over one store, with the means to pause threads and to deliver decisions."""

    store: Store
    desk: Desk
    graphs: LocalGraphs
    applier: Applying

    def pause(self, make, thread_id="t"):
        self.graphs.add(make.__name__, make)
        config = {"configurable": {"thread_id": thread_id}, "metadata": {"graph_id": make.__name__}}
        make(self.store.saver).invoke({"x": 0, "log": []}, config)
        return self.reviews(thread_id)

    def lay_down(self, house_rules):
        for scanner in getattr(self.desk.scanner, "_scanners", {"": self.desk.scanner}).values():
            scanner._house_rules = house_rules

    def reviews(self, thread_id="t"):
        self.desk.scan()
        return list(self.desk.queue(Query(thread_id=thread_id)).reviews)

    def decide(self, review, answer, name="Ada", **more):
        return self.desk.decide(review.id, answer, reviewer=Reviewer(name=name), **more)

    def deliver(self, decision):
        self.applier.apply(decision)
        self.desk.scanner.look([decision.thread_id])
        return self.desk.decision(decision.id)

    def values(self, thread_id="t"):
        return dict(self.desk.history(thread_id, limit=1)[0].step.values)


@pytest.fixture
def office(store: Store, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    with databases.beside(request, tmp_path) as url:
        yield from office_at(url, store)


def office_at(url: str, store: Store) -> Iterator[Office]:
    database = Database(url)
    graphs: Any = LocalGraphs()
    desk = Desk(store.checkpoints, database, graphs, NoJobs())  # type: ignore[arg-type]
    applier = wiring.applier(store.checkpoints, graphs, database.decisions)
    yield Office(store, desk, graphs, applier)
    database.close()
