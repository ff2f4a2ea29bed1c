"""What becomes of answers when processes are killed all the time: Signoff, and bare LangGraph used in two ways.

    python benchmarks/reliability.py [--decisions 1000] [--every 8] [--ways signoff once retried] [--json]

Threads ask two questions in one node, then pay (the side effect), then close. The questions of every other thread are
answered by two reviewers at about the same time. There are three worker processes; after every eight answers or so one
of them is killed (SIGKILL) and a new one started. A click that gets no reply is made again, as people do. The ways:

* ``signoff``: a worker is what ``signoff serve`` is behind its pages, a desk with its engine.
* ``once``: a worker says "sent", then resumes the thread (``Command(resume={id: answer})``), as a button's
  callback does.
* ``retried``: a worker resumes the thread, then says "sent"; until then the click is made again, as a job queue does.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from itertools import count, pairwise
from pathlib import Path
from typing import Any, TypedDict

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt

WORKERS, REVIEWERS, AT_ONCE = 3, ("Ada", "Grace"), 12
PATIENCE = {"signoff": 90.0, "once": 3.0, "retried": 3.0}  # seconds without news after which an answer is lost
QUESTIONS = ("amount", "account")


class State(TypedDict, total=False):
    thread: str
    amount: dict[str, str]
    account: dict[str, str]


def note(**event: Any) -> None:
    """Write down what a node does, beside the checkpoints, in one write."""
    line = json.dumps({**event, "pid": os.getpid(), "at": time.monotonic()})
    with Path("events.jsonl").open("a", buffering=1 << 16) as log:
        log.write(f"{line}\n")


def ask(state: State) -> State:
    answers: Any = {question: interrupt(question) for question in QUESTIONS}
    time.sleep(0.05)
    note(event="pays", thread=state["thread"])
    time.sleep(0.05)
    return answers


def close(state: State) -> State:
    note(event="closes", thread=state["thread"])
    return {}


payments = StateGraph(State)
payments.add_node("ask", ask)
payments.add_node("close", close)
payments.add_edge(START, "ask")
payments.add_edge("ask", "close")


def bare_graph() -> Any:
    return payments.compile(checkpointer=SqliteSaver(sqlite3.connect("c.sqlite", timeout=60, check_same_thread=False)))


def config_of(thread: str) -> Any:
    return {"configurable": {"thread_id": thread}}


# In a worker: one click, one word in reply.

Click = Callable[[dict[str, Any], Callable[[str], None]], None]


def click_on_signoff() -> Click:
    from signoff.decisions import Reviewer
    from signoff.errors import AlreadyDecided, ReviewClosed, ReviewNotFound
    from signoff.reviews import review_id
    from signoff.service import Service
    from signoff.settings import Settings

    service = Service(Settings(db="c.sqlite", graph=(f"payments={__file__}:payments",)))
    service.start()

    def click(given: dict[str, Any], reply: Callable[[str], None]) -> None:
        review, by = review_id(given["thread"], given["question"]), given["answer"]["by"]
        try:
            service.desk.decide(review, given["answer"], reviewer=Reviewer(name=by))
            reply("sent")
        except AlreadyDecided as late:
            reply("sent" if late.reviewer == by else "late")
        except ReviewClosed:
            reply("late")
        except ReviewNotFound:
            service.desk.scanner.look([given["thread"]])
            click(given, reply)

    return click


def click_on_bare_langgraph(*, reply_first: bool) -> Click:
    graph = bare_graph()

    def click(given: dict[str, Any], reply: Callable[[str], None]) -> None:
        if reply_first:
            reply("sent")
        resume: Any = Command(resume={given["question"]: given["answer"]})
        graph.invoke(resume, config_of(given["thread"]), durability="sync")
        if not reply_first:
            reply("sent")

    return click


WAYS: dict[str, Callable[[], Click]] = {
    "signoff": click_on_signoff,
    "once": lambda: click_on_bare_langgraph(reply_first=True),
    "retried": lambda: click_on_bare_langgraph(reply_first=False),
}


def work(way: str) -> None:
    """Serve clicks from standard input until killed."""
    click, lock = WAYS[way](), threading.Lock()

    def say(number: int, word: str) -> None:
        with lock:
            print(json.dumps([number, word]), flush=True)

    say(0, "ready")
    with ThreadPoolExecutor(16) as pool:
        for line in sys.stdin:
            given = json.loads(line)
            pool.submit(click, given, lambda word, number=given["number"]: say(number, word))


# In the driver: workers that are killed, reviewers that click, and the reckoning.


class Worker:
    """A process that serves clicks; those without a reply get None when it dies."""

    def __init__(self, way: str) -> None:
        command = [sys.executable, str(Path(__file__).absolute()), "--role", way]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=Path("said.log").open("a"),
            text=True,
        )
        self.ready: Future[str | None] = Future()
        self._waiting, self._lock = {0: self.ready}, threading.Lock()
        threading.Thread(target=self._listen, daemon=True).start()

    def click(self, number: int, given: dict[str, Any]) -> str | None:
        reply: Future[str | None] = Future()
        with self._lock:
            self._waiting[number] = reply
            try:
                self.process.stdin.write(json.dumps({"number": number, **given}) + "\n")
                self.process.stdin.flush()
            except OSError:
                return None
            if self.process.poll() is not None:
                return None
        return reply.result()

    def _listen(self) -> None:
        for line in self.process.stdout:
            number, word = json.loads(line)
            self._waiting.pop(number).set_result(word)
        with self._lock:
            self.process.wait()
            for reply in self._waiting.values():
                reply.set_result(None)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


class Trial:
    """One way of answering, under fire."""

    def __init__(self, way: str, decisions: int, every: float, seed: int) -> None:
        self.way, self.every, self.random = way, every, random.Random(seed)
        self.threads = [f"payment-{number}" for number in range(decisions // len(QUESTIONS))]
        self.killed: dict[int, float] = {}
        self.sent = self.late = self.lost = 0
        self.numbers, self.lock, self.over = count(1), threading.Lock(), threading.Event()

    def run(self) -> dict[str, float]:
        graph = bare_graph()
        for thread in self.threads:
            graph.invoke({"thread": thread}, config_of(thread))
        started = time.monotonic()
        self.workers = [Worker(self.way) for _ in range(WORKERS)]
        for worker in self.workers:
            worker.ready.result()
        killer = threading.Thread(target=self._kill)
        killer.start()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(self._review, self.threads))
        self.over.set()
        killer.join()
        seconds = time.monotonic() - started
        if self.way == "signoff":
            self.lost += off_the_record()
        for worker in self.workers:
            worker.kill()
        told = {"decisions": self.sent, "late": self.late, "kills": len(self.killed), "seconds": seconds}
        return {**told, "lost": self.lost, **self._paid(), "misdirected": self._misdirected()}

    def _kill(self) -> None:
        """Kill a worker, any, some moment after so many more answers; but never all that are ready."""
        due = 0.0
        while not self.over.wait(self.random.uniform(0, 0.2)):
            ready = [place for place, worker in enumerate(self.workers) if worker.ready.done()]
            if self.sent < due or len(ready) == 1:
                continue
            due = self.sent + self.random.uniform(0.5, 1.5) * self.every
            place = self.random.choice(ready)
            self.workers[place].kill()
            self.killed[self.workers[place].process.pid] = time.monotonic()
            self.workers[place] = Worker(self.way)

    def _review(self, thread: str) -> None:
        """Answer what a thread asks until it is closed, or an answer is lost and nothing is asked any more."""
        answered: set[str] = set()
        news, seen = time.monotonic(), None
        with closing(sqlite3.connect("c.sqlite", timeout=60, check_same_thread=False)) as connection:
            graph = payments.compile(checkpointer=SqliteSaver(connection))
            while (state := graph.get_state(config_of(thread))).next:
                if seen != (seen := (state.next, [asked.id for asked in state.interrupts])):
                    news = time.monotonic()
                [asked] = state.interrupts or [None]
                if asked and asked.id not in answered:
                    answered.add(asked.id)
                    self._answer(thread, asked.id, asked.value)
                    news = time.monotonic()
                elif time.monotonic() - news > PATIENCE[self.way]:
                    self._count(lost=1)
                    if not asked or self.way == "signoff":
                        return
                    answered.discard(asked.id)
                time.sleep(0.05)

    def _answer(self, thread: str, question: str, title: str) -> None:
        def click(reviewer: str) -> str:
            time.sleep(self.random.uniform(0, 0.05))
            given = {"thread": thread, "question": question, "answer": {"for": title, "by": reviewer}}
            while True:
                worker = self.random.choice(self.workers)
                if worker.ready.done() and (word := worker.click(next(self.numbers), given)):
                    return word
                time.sleep(0.1)

        reviewers = REVIEWERS[: 1 + self.threads.index(thread) % 2]
        with ThreadPoolExecutor(len(reviewers)) as all_at_once:
            words = list(all_at_once.map(click, reviewers))
        self._count(sent=int("sent" in words), late=words.count("late"))

    def _count(self, **more: int) -> None:
        with self.lock:
            for name, number in more.items():
                setattr(self, name, getattr(self, name) + number)

    def _paid(self) -> dict[str, int]:
        """Return how often a thread paid again: after its node was killed, and for no such reason."""
        events = defaultdict(list)
        for line in Path("events.jsonl").read_text().splitlines():
            event = json.loads(line)
            events[event["thread"]].append(event)
        found = {"doubled": 0, "doubled_after_crash": 0}
        for happened in events.values():
            paid = [event for event in happened if event["event"] == "pays"]
            closed = min((event["at"] for event in happened if event["event"] == "closes"), default=float("inf"))
            for before, again in pairwise(paid):
                crashed = self.killed.get(before["pid"], float("inf")) < again["at"] < closed
                found["doubled_after_crash" if crashed else "doubled"] += 1
        return found

    def _misdirected(self) -> int:
        graph = bare_graph()
        states = [graph.get_state(config_of(thread)).values for thread in self.threads]
        return sum(state[q]["for"] != q for state in states for q in QUESTIONS if q in state)


def off_the_record() -> int:
    """Return how many of Signoff's decisions do not say within a minute that they were applied, as they were."""
    from signoff.database import Database
    from signoff.decisions import Outcome

    with closing(Database(f"sqlite:///{Path('c.signoff.db').absolute()}")) as database:
        deadline = time.monotonic() + 60
        while database.decisions.undecided() and time.monotonic() < deadline:
            time.sleep(0.1)
        _, made = database.decisions.page(limit=1)
        _, applied = database.decisions.page(limit=1, outcome=Outcome.APPLIED)
        return made - applied


ROWS = {
    "decisions": "answers that a reviewer was told are sent",
    "late": "reviewers told that somebody was first",
    "kills": "processes killed",
    "lost": "lost",
    "doubled": "paid twice, without a crash in the node",
    "doubled_after_crash": "paid twice after a crash in it",
    "misdirected": "landed on another question",
    "seconds": "seconds",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--decisions", type=int, default=1000)
    parser.add_argument("--every", type=float, default=8.0, help="answers from kill to kill, on average")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=[*WAYS])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--role", choices=WAYS, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.role:
        work(args.role)
        return
    found: dict[str, dict[str, float]] = {}
    for way in args.ways:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            found[way] = Trial(way, args.decisions, args.every, args.seed).run()
            os.chdir("/")
    if args.json:
        print(json.dumps(found))
        return
    print(f"{args.decisions:,} questions".ljust(46) + "".join(f"{way:>10}" for way in found))
    for key, label in ROWS.items():
        print(f"  {label:<44}" + "".join(f"{told[key]:>10,.0f}" for told in found.values()))


if __name__ == "__main__":
    main()
