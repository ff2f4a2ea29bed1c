"""What becomes of answers when processes are killed all the time: Signoff, and bare LangGraph used in two ways.

    python benchmarks/reliability.py [--decisions 1000] [--workers 3] [--every 8] [--ways signoff once retried] [--json]
    python benchmarks/reliability.py --postgres --workers 4 --ways signoff

Threads ask two questions in one node, then pay (the side effect), then close. The questions of every other thread are
answered by two reviewers at about the same time. After every eight answers or so one of the worker processes is killed
(SIGKILL) and a new one started. A click that gets no reply is made again, as people do. The ways:

* ``signoff``: a worker is what ``signoff serve`` is behind its pages, a desk with its engine.
* ``once``: a worker says "sent", then resumes the thread (``Command(resume={id: answer})``), as a button's
  callback does.
* ``retried``: a worker resumes the thread, then says "sent"; until then the click is made again, as a job queue does.

With ``--postgres`` checkpoints and desk are in PostgreSQL (a server of our own from a wheel, or that of
SIGNOFF_TEST_POSTGRES); then every second blow is a SIGSTOP, with SIGCONT after ``--stopped`` seconds, and our own
server is started anew when half of the answers are sent.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import count, pairwise
from pathlib import Path
from typing import Any

from reliability_worker import QUESTIONS, WAYS, bare_graph, config_of

HERE = Path(__file__).absolute().parent
REVIEWERS, AT_ONCE = ("Ada", "Grace"), 12
PATIENCE = {"signoff": 90.0, "once": 3.0, "retried": 3.0}  # seconds without news after which an answer is lost


class Worker:
    """A process that serves clicks; those without a reply get None when it dies."""

    def __init__(self, way: str, db: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "reliability_worker.py"), way, db],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=Path("said.log").open("a"),
            text=True,
        )
        self.ready: Future[str | None] = Future()
        self.stopped = False
        self._waiting, self._lock = {0: self.ready}, threading.Lock()
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def at_work(self) -> bool:
        return self.ready.done() and not self.stopped and self.process.poll() is None

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
            if reply := self._waiting.pop(number, None):  # else: it said "sent" before, and failed
                reply.set_result(None if word == "again" else word)
        with self._lock:
            self.process.wait()
            for reply in self._waiting.values():
                reply.set_result(None)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self, seconds: float) -> None:
        """Let the process stand still for a while."""
        self.stopped = True
        self.process.send_signal(signal.SIGSTOP)
        threading.Timer(seconds, self._go_on).start()

    def _go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)
        self.stopped = False


class Trial:
    """One way of answering, under fire. ``server`` is the PostgreSQL server, where there is one."""

    def __init__(self, way: str, db: str, server: Any, args: argparse.Namespace) -> None:
        self.way, self.db, self.server, self.args = way, db, server, args
        self.random = random.Random(args.seed)
        self.threads = [f"payment-{number}" for number in range(args.decisions // len(QUESTIONS))]
        self.killed: dict[int, float] = {}
        self.cut_off: dict[int, float] = {}
        self.sent = self.late = self.lost = self.stops = self.restarts = 0
        self.numbers, self.lock, self.over = count(1), threading.Lock(), threading.Event()

    def run(self) -> dict[str, float]:
        self.graph = bare_graph(self.db)
        if self.server:
            self.graph.checkpointer.setup()
        for thread in self.threads:
            self.graph.invoke({"thread": thread}, config_of(thread))
        self.workers = [Worker(self.way, self.db) for _ in range(self.args.workers)]
        for worker in self.workers:
            worker.ready.result()
        started = time.monotonic()
        killer = threading.Thread(target=self._strike)
        killer.start()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(self._review, self.threads))
        self.over.set()
        killer.join()
        seconds = time.monotonic() - started
        if self.way == "signoff":
            self.lost += off_the_record(self.db)
        for worker in self.workers:
            worker.kill()
        told = {"decisions": self.sent, "late": self.late, "kills": len(self.killed), "stops": self.stops}
        told |= {"restarts": self.restarts, "seconds": seconds, "lost": self.lost, **self._paid()}
        return {**told, "misdirected": self._misdirected()}

    def _strike(self) -> None:
        """Strike a worker, any, some moment after so many more answers, but never all; start those anew that ended."""
        due = 0.0
        while not self.over.wait(self.random.uniform(0, 0.2)):
            for place, worker in enumerate(self.workers):
                if worker.process.poll() is not None:
                    self.workers[place] = Worker(self.way, self.db)
            if self.server and not self.restarts and self.sent >= self.args.decisions / 2:
                self._restart()
            at_work = [worker for worker in self.workers if worker.at_work]
            if self.sent < due or len(at_work) <= 1:
                continue
            due = self.sent + self.random.uniform(0.5, 1.5) * self.args.every
            struck = self.random.choice(at_work)
            if self.server and self.random.random() < 0.5:
                struck.stop(self.args.stopped)
                self.stops += 1
            else:
                struck.kill()
                self.killed[struck.process.pid] = time.monotonic()

    def _restart(self) -> None:
        self.server.restart()
        self.restarts += 1
        self.cut_off |= {worker.process.pid: time.monotonic() for worker in self.workers if worker.stopped}

    def _review(self, thread: str) -> None:
        """Answer what a thread asks until it is closed, or an answer is lost and nothing is asked any more."""
        answered: set[str] = set()
        news, seen = time.monotonic(), None
        while (state := self._state(thread)).next:
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

    def _state(self, thread: str) -> Any:
        while True:
            try:
                return self.graph.get_state(config_of(thread))
            except Exception as error:
                if not self.server:
                    raise
                print(f"looking at {thread} again: {error}", file=Path("said.log").open("a"))
                time.sleep(0.2)

    def _answer(self, thread: str, question: str, title: str) -> None:
        def click(reviewer: str) -> str:
            time.sleep(self.random.uniform(0, 0.05))
            given = {"thread": thread, "question": question, "answer": {"for": title, "by": reviewer}}
            while True:
                answering = [worker for worker in self.workers if worker.at_work]  # a balancer asks no other
                if answering and (word := self.random.choice(answering).click(next(self.numbers), given)):
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
        """Return how often a thread paid again: after its node's worker was killed, or cut off, or for no such reason.

        Cut off is who stood still while the database was started anew: its lock is gone, as if it were dead.
        """
        events = defaultdict(list)
        for line in Path("events.jsonl").read_text().splitlines():
            event = json.loads(line)
            events[event["thread"]].append(event)
        found = {"doubled": 0, "doubled_after_crash": 0, "doubled_after_cut": 0}
        for happened in events.values():
            paid = [event for event in happened if event["event"] == "pays"]
            closed = min((event["at"] for event in happened if event["event"] == "closes"), default=float("inf"))
            for before, again in pairwise(paid):
                crashed, cut = (
                    pids.get(before["pid"], float("inf")) < again["at"] < closed for pids in (self.killed, self.cut_off)
                )
                found["doubled_after_crash" if crashed else "doubled_after_cut" if cut else "doubled"] += 1
        return found

    def _misdirected(self) -> int:
        states = [self._state(thread).values for thread in self.threads]
        return sum(state[q]["for"] != q for state in states for q in QUESTIONS if q in state)


def off_the_record(db: str) -> int:
    """Return how many of Signoff's decisions do not say within a minute that they were applied, as they were."""
    from signoff.database import Database
    from signoff.decisions import Outcome
    from signoff.settings import Settings

    with closing(Database(Settings(db=db).desk_url)) as database:
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
    "stops": "processes stopped for a while",
    "restarts": "restarts of the database",
    "lost": "lost",
    "doubled": "paid twice, without a crash in the node",
    "doubled_after_crash": "paid twice after a crash in it",
    "doubled_after_cut": "paid twice, cut off while it was stopped",
    "misdirected": "landed on another question",
    "seconds": "seconds",
}


@contextmanager
def place(postgres: bool) -> Iterator[tuple[str, Any]]:
    """Yield where the checkpoints of one trial are, and the server."""
    if not postgres:
        yield "c.sqlite", None
        return
    with runpy.run_path(str(HERE.parent / "tests" / "postgres.py"))["running"]() as server, server.database() as url:
        yield url, server


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--decisions", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--every", type=float, default=8.0, help="answers from blow to blow, on average")
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--stopped", type=float, default=6.0, help="seconds from SIGSTOP to SIGCONT")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=[*WAYS])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    found: dict[str, dict[str, float]] = {}
    for way in args.ways:
        with tempfile.TemporaryDirectory() as folder, place(args.postgres) as (db, server):
            os.chdir(folder)
            found[way] = Trial(way, db, server, args).run()
            os.chdir("/")
    if args.json:
        print(json.dumps(found))
        return
    print(f"{args.decisions:,} questions".ljust(46) + "".join(f"{way:>10}" for way in found))
    for key, label in ROWS.items():
        print(f"  {label:<44}" + "".join(f"{told[key]:>10,.0f}" for told in found.values()))


if __name__ == "__main__":
    main()
