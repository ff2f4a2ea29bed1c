"""Dies after each write that taking a decision to its outcome makes; run as a script by test_every_write.py.

    python every_write.py FOLDER SHAPE...

Every process is a fork of one that holds nothing open, so that hundreds of deaths take seconds. A child is killed as
soon as its n-th write (to the checkpoints by LangGraph's saver, or to the record) is on disk; another one delivers the
decision again, then answers whatever is asked, to the end of the thread. Where another question of the thread is open
after the death, once more with that one answered and delivered first. Prints one line of JSON per death.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from functools import wraps
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from chaos.shapes import RUNS, SHAPES
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from signoff.apply import Applier
from signoff.checkpoints.sqlite import SqliteCheckpoints
from signoff.database import Database
from signoff.database.decisions import DecisionStore
from signoff.decisions import Decision, Reviewer
from signoff.desk import Desk
from signoff.errors import SignoffError
from signoff.graphs.shape import shape_of
from signoff.reviews import Query, Review

CONFIG: Any = {"configurable": {"thread_id": "t"}, "metadata": {"graph_id": "shape"}}
NOT_A_RUN = ("__resume__", "__error__", "__error_source_node__")
MOST = 60  # writes of a decision, decisions of a thread
Make = Callable[[Any], Any]


class OneGraph:
    """The shape under test, as `signoff.graphs.Graphs` offers graphs."""

    names = ("shape",)

    def __init__(self, make: Make) -> None:
        self.make, self.broken = make, {}

    def breakpoints(self, name: str) -> Any:
        graph = self.make(None)
        before, after = graph.interrupt_before_nodes, graph.interrupt_after_nodes
        return SimpleNamespace(before=frozenset(before), after=frozenset(after))

    def shape(self, name: str) -> Any:
        return shape_of(self.make(None))

    def fingerprint(self, name: str, node: str) -> None:
        return None

    def candidates(self, nodes: Any, channels: Any) -> tuple[str, ...]:
        return self.names

    @asynccontextmanager
    async def open(self, name: str, *, checkpointer: Any, config: Any) -> Any:
        yield self.make(checkpointer)


class Office:
    """A desk over the databases of the working folder, without an engine."""

    def __init__(self, make: Make) -> None:
        graphs: Any = OneGraph(make)
        jobs: Any = SimpleNamespace(enqueue=lambda connection, decision: None, close=lambda: None)
        checkpoints, database = SqliteCheckpoints("c.sqlite"), Database("sqlite:///desk.db")
        self.desk = Desk(checkpoints, database, graphs, jobs)
        self.applier = Applier(checkpoints=checkpoints, graphs=graphs, journal=database.decisions)

    def reviews(self) -> list[Review]:
        self.desk.scan()
        return sorted(self.desk.queue(Query()).reviews, key=lambda review: review.title)

    def decide(self, review: Review) -> Decision:
        """Answer a question with its own text, and what is no question with the only answer that there is."""
        card = self.desk.brief(review.id).waiting.card
        answer = card.prefill if card.declared and card.prefill else review.title
        return self.desk.decide(review.id, answer, reviewer=Reviewer(name="Ada"))

    def deliver(self, decision: Decision) -> Decision:
        self.applier.apply(decision)
        self.desk.scanner.look(["t"])
        return self.decision(decision.id)

    def decision(self, decision_id: str) -> Decision:
        decision = self.desk.decision(decision_id)
        assert decision is not None
        return decision

    def offers(self, decision: Decision) -> bool:
        """Tell whether somebody else could answer the question of an undecided decision."""
        with suppress(SignoffError):
            self.desk.brief(decision.review_id)
            return not decision.outcome.final
        return False

    def finish(self) -> list[str]:
        """Answer whatever is asked until nothing is; return the outcomes, or the error of the last one."""
        outcomes: list[str] = []
        while (reviews := self.reviews()) and len(outcomes) < MOST:
            try:
                outcomes.append(self.deliver(self.decide(reviews[0])).outcome)
            except SignoffError as error:
                return [*outcomes, str(error)]
        return outcomes

    def end(self) -> dict[str, Any]:
        """Return what the thread's log holds at its end, in any order, and what is still to be done."""
        step = self.desk.history("t", limit=1)[0].step
        log = step.values.get("log") or step.values.get("__end__", {}).get("log", [])
        return {"log": sorted(log), "next": step.next}


def forked(act: Callable[[], Any]) -> Any:
    """Return what ``act`` returns in a process of its own, None when that one was killed."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _tell(writer, act)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return None
    answer = json.loads(said)
    if "broke" in answer:
        raise RuntimeError(answer["broke"])
    return answer["done"]


def _tell(writer: int, act: Callable[[], Any]) -> None:
    try:
        said = {"done": act()}
    except BaseException:  # noqa: BLE001 - told to the parent
        said = {"broke": traceback.format_exc()}
    with os.fdopen(writer, "w") as pipe:
        json.dump(said, pipe)
    os._exit(0)


def die_after(number: int) -> None:
    """Patch this process to be killed as soon as its write of this number is on disk."""
    writes = count(1)

    def written() -> None:
        if next(writes) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in ("aput", "aput_writes"):
        setattr(AsyncSqliteSaver, name, _told_of_async(getattr(AsyncSqliteSaver, name), written))
    for name in ("begin", "settle"):
        setattr(DecisionStore, name, _told_of(getattr(DecisionStore, name), written))


def _told_of(act: Callable[..., Any], written: Callable[[], None]) -> Callable[..., Any]:
    @wraps(act)
    def write(*given: Any, **named: Any) -> Any:
        done = act(*given, **named)
        written()
        return done

    return write


def _told_of_async(act: Callable[..., Any], written: Callable[[], None]) -> Callable[..., Any]:
    @wraps(act)  # LangGraph looks at the signature
    async def write(*given: Any, **named: Any) -> Any:
        done = await act(*given, **named)
        written()
        return done

    return write


def pause(make: Make) -> None:
    connection = sqlite3.connect("c.sqlite", check_same_thread=False)
    make(SqliteSaver(connection)).invoke({"log": []}, CONFIG)
    connection.close()


def record_first(make: Make) -> str:
    """Record an answer to the first question; return the decision's id, nothing when nothing is asked."""
    office = Office(make)
    reviews = office.reviews()
    return office.decide(reviews[0]).id if reviews else ""


def deliver(make: Make, decision_id: str) -> str:
    office = Office(make)
    return office.deliver(office.decision(decision_id)).outcome


def deliver_and_die(make: Make, decision_id: str, number: int) -> str:
    die_after(number)
    return deliver(make, decision_id)


def deliver_to_the_end(make: Make, decision_id: str, siblings_first: bool = False) -> dict[str, Any]:
    """Return what becomes of the decision, of those after it, and of the thread."""
    office = Office(make)
    decision = office.decision(decision_id)
    offered = office.offers(decision)
    siblings = [review for review in office.reviews() if review.id != decision.review_id]
    later = [office.deliver(office.decide(siblings[0])).outcome] if siblings_first else []
    settled = office.deliver(decision)
    later += office.finish()
    told = {"outcome": settled.outcome, "error": settled.error, "offered": offered, "siblings": len(siblings)}
    return {**told, "later": later, **office.end()}


def runs() -> Counter[str]:
    """Return how often each node has run behind its last question."""
    return Counter(RUNS.read_text().split("\n")[:-1]) if RUNS.exists() else Counter()


def newest_write() -> int:
    with closing(sqlite3.connect("c.sqlite")) as db:
        return db.execute("SELECT coalesce(max(rowid), 0) FROM writes").fetchone()[0]


def kept(since: int) -> set[str]:
    """Return the nodes whose run LangGraph has put on record since, in any namespace."""
    with closing(sqlite3.connect("c.sqlite")) as db:
        rows = db.execute("SELECT task_path, channel FROM writes WHERE rowid > ?", (since,)).fetchall()
    return {path.rpartition(", ")[2] for path, channel in rows if channel not in NOT_A_RUN}


@contextmanager
def copy_of(folder: Path, to: Path) -> Iterator[None]:
    """Work in a fresh copy of a folder."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(folder, to)
    os.chdir(to)
    yield
    os.chdir("/")


def decisions_of(make: Make, base: Path) -> Iterator[tuple[Path, str]]:
    """Yield for each decision on the way to the end: the folder just before it is delivered, and its id."""
    folder = base / "0"
    folder.mkdir(parents=True)
    os.chdir(folder)
    forked(lambda: pause(make))
    for number in range(1, MOST):
        with copy_of(folder, base / "recorded"):
            decision_id = forked(lambda: record_first(make))
        if not decision_id:
            return
        yield base / "recorded", decision_id
        folder = base / str(number)
        with copy_of(base / "recorded", folder):
            forked(lambda taken=decision_id: deliver(make, taken))


def deaths(make: Make, base: Path, recorded: Path, decision_id: str) -> Iterator[dict[str, Any]]:
    """Yield what came of each death while this decision was applied, from the first write to the last."""
    with copy_of(recorded, base / "undisturbed"):
        usual, ran_usually = forked(lambda: deliver_to_the_end(make, decision_id)), runs()
    for number in range(1, MOST):
        with copy_of(recorded, base / "dead"):
            ran, written = runs(), newest_write()
            if forked(lambda n=number: deliver_and_die(make, decision_id, n)) is not None:
                return
            unfinished = sorted(set(runs() - ran) - kept(written))
        siblings = 0
        for first in (False, True):
            if siblings or not first:
                with copy_of(base / "dead", base / "trial"):
                    after = forked(lambda now=first: deliver_to_the_end(make, decision_id, now))
                    siblings, again = after["siblings"], dict(runs() - ran_usually)
                found = {"unfinished": unfinished, "again": again, "after": after, "usual": usual}
                yield {"write": number, "siblings_first": first, **found}


def warm_up(folder: Path) -> None:
    """Load once what every process would load for itself, and close what that opened."""
    folder.mkdir(parents=True)
    os.chdir(folder)
    pause(SHAPES["one_after_another"])
    office = Office(SHAPES["one_after_another"])
    office.finish()
    office.desk.close()


def main(base: Path, shapes: list[str]) -> None:
    warm_up(base / "warm")
    for shape in shapes:
        for turn, (recorded, decision_id) in enumerate(decisions_of(SHAPES[shape], base / shape)):
            for death in deaths(SHAPES[shape], base / shape, recorded, decision_id):
                print(json.dumps({"shape": shape, "decision": turn, **death}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
