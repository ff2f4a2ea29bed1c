"""A workspace with paused threads, real processes to stop and kill, and a desk that looks on."""

import json
import os
import runpy
import shlex
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from forked import Python

from signoff.decisions import Decision, Outcome, Reviewer
from signoff.desk import Desk
from signoff.reviews import Query, Review
from signoff.settings import Settings
from signoff.wiring import open_desk

HERE = Path(__file__).parent
GRAPHS = tuple(f"{name}=pay.py:{name}" for name in ("pay", "pair", "two", "fragile"))


@dataclass
class Workspace:
    """A folder with ``pay.py``; a place is ``THREAD.NODE.before``, ``THREAD.NODE.after`` or one of `stopping`."""

    folder: Path
    desk_url: str | None = None
    db: str = "pay.sqlite"
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    def pause(self, *threads: str, graph: str = "pay") -> None:
        """Start threads, each up to its question or questions."""
        self.pay["pause"](graph, threads)

    @cached_property
    def pay(self) -> dict[str, Any]:
        """Return what the workspace's ``pay.py`` defines."""
        return runpy.run_path(str(self.folder / "pay.py"))

    def bare(self, code: str) -> subprocess.Popen[str]:
        """Start a process without Signoff that runs a line of Python in the workspace."""
        return self._popen("-c", f"import pay; {code}", env=dict(os.environ))

    @cached_property
    def desk(self) -> Desk:
        """Return a desk in this process, without an engine."""
        graph = tuple(name.replace("=", f"={self.folder}/") for name in GRAPHS)
        db = self.db if "://" in self.db else str(self.folder / self.db)
        return open_desk(Settings(db=db, graph=graph, desk=self.desk_url))

    def environment(self) -> dict[str, str]:
        given = {"SIGNOFF_DB": self.db, "SIGNOFF_GRAPH": " ".join(GRAPHS), "SIGNOFF_CONCURRENCY": "16"}
        desk = {"SIGNOFF_DESK": self.desk_url} if self.desk_url else {}
        return {**os.environ, **given, **desk}

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """Start a command of Signoff in a process that can be made to stop at a place."""
        return self._popen(str(HERE / "stopping.py"), *arguments, env={**self.environment(), **variables})

    def _popen(self, *arguments: str, env: dict[str, str]) -> subprocess.Popen[str]:
        with (self.folder / "said.log").open("a") as said:
            process = Python(arguments, cwd=self.folder, env=env, stdout=subprocess.PIPE, stderr=said, text=True)
        self.processes.append(process)
        return process

    def submit(self, review: str, *names: str) -> subprocess.Popen[str]:
        """Start a process in which people answer at once: see `submitting`."""
        return self._popen(str(HERE / "submitting.py"), review, *names, env=self.environment())

    def work(self, *flags: str, **variables: str) -> subprocess.Popen[str]:
        """Start ``signoff work``; its engine runs when this returns."""
        worker = self.start("work", *flags, **variables)
        self.wait_for(worker, "engine")
        return worker

    def wait_for(self, worker: subprocess.Popen[str], event: str) -> dict[str, Any]:
        """Return the line in which a worker tells of an event, when it comes."""
        for line in worker.stdout or ():
            if (told := json.loads(line))["event"] == event:
                return told
        raise AssertionError(self.said())

    def run(self, *arguments: str, code: int = 0, **variables: str) -> str:
        process = self.start(*arguments, **variables)
        out, _ = process.communicate(timeout=60)
        assert process.returncode == code, (shlex.join(arguments), process.returncode, out, self.said())
        return out

    def review(self, thread: str, title: str = "") -> Review:
        """Return the one open review of a thread, or the one whose title begins so."""
        self.desk.scan()
        found = self.desk.queue(Query(thread_id=thread)).reviews
        [review] = [review for review in found if review.title.startswith(title)]
        return review

    def decide(self, thread: str, answer: object = "yes", *, title: str = "", name: str = "Ada") -> Decision:
        return self.decide_on(self.review(thread, title).id, answer, name=name)

    def decide_on(self, review: str, answer: object, *, name: str = "Ada") -> Decision:
        return self.desk.decide(review, answer, reviewer=Reviewer(name=name))

    def decision(self, thread: str) -> Decision:
        """Return the newest decision on a thread."""
        return self.desk.database.decisions.of_thread(thread)[0]

    def outcomes(self, *threads: str) -> set[Outcome]:
        return {self.decision(thread).outcome for thread in threads}

    def values(self, thread: str) -> dict[str, object]:
        return dict(self.desk.history(thread, limit=1)[0].step.values)

    def ran(self, thread: str) -> Counter[str]:
        """Return how often each node of a thread came to its side effect."""
        log = self.folder / "ran.log"
        lines = log.read_text().split("\n") if log.exists() else []
        return Counter(line.partition(" ")[2] for line in lines if line.startswith(f"{thread} "))

    def hold(self, *places: str) -> None:
        for place in places:
            (self.folder / f"hold.{place}").touch()

    def let_go(self, *places: str) -> None:
        for place in places or [file.name.removeprefix("hold.") for file in self.folder.glob("hold.*")]:
            (self.folder / f"hold.{place}").unlink()

    def at(self, *places: str) -> bool:
        """Tell whether some process stands at each of these places."""
        return all((self.folder / f"at.{place}").exists() for place in places)

    def until(self, seen: Callable[[], object], *, seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while not seen():
            assert time.monotonic() < deadline, f"did not happen within {seconds} s\n{self.told()}"
            time.sleep(0.05)

    def settled(self, *threads: str, seconds: float = 90) -> None:
        """Wait until the newest decision on each of these threads has its outcome."""
        self.until(lambda: all(outcome.final for outcome in self.outcomes(*threads)), seconds=seconds)

    def told(self) -> str:
        decisions, _ = self.desk.decisions(limit=20)
        known = [f"{each.thread_id}: {each.outcome} {each.error or ''}" for each in decisions]
        return "\n".join([*known, *(file.name for file in self.folder.glob("at.*")), self.said()])

    def said(self) -> str:
        return (self.folder / "said.log").read_text()[-6000:]

    def kill(self, process: subprocess.Popen[str]) -> None:
        process.kill()
        process.wait()

    def halt(self, process: subprocess.Popen[str]) -> None:
        """Stop a process with SIGSTOP; when this returns, none of its threads moves."""
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED)

    def end(self, process: subprocess.Popen[str]) -> None:
        """Stop a process as an administrator does."""
        process.terminate()
        process.wait(timeout=60)

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()
        self.desk.close()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the write lock of a SQLite database as another program might."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def made(folder: Path, desk_url: str | None = None, db: str = "pay.sqlite") -> Workspace:
    (folder / "pay.py").write_text((HERE / "pay.py").read_text())
    return Workspace(folder, desk_url, db)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    workspace = made(tmp_path)
    yield workspace
    workspace.close()


@pytest.fixture
def team(tmp_path: Path, postgres_url: str) -> Iterator[Workspace]:
    """A workspace whose desk is in PostgreSQL, where any number of workers share it."""
    workspace = made(tmp_path, postgres_url)
    yield workspace
    workspace.close()


@pytest.fixture
def fleet(tmp_path: Path, postgres_url: str) -> Iterator[Workspace]:
    """A workspace whose checkpoints are in PostgreSQL, and its desk with them."""
    (tmp_path / "pay.url").write_text(postgres_url)
    workspace = made(tmp_path, db=postgres_url)
    yield workspace
    workspace.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace whose story is told once for all tests of a file."""
    workspace = made(tmp_path_factory.mktemp("shared"))
    yield workspace
    workspace.close()
