"""Workflows that wait for a person: a blocked thread for each, against a paused LangGraph thread for each.

    python benchmarks/waiting.py [--workflows 500] [--document-kb 20]

Both ways run the same workflow (write a document, ask, file the answer), each in a fresh process whose memory after the
imports is the baseline. Then the process is really killed (SIGKILL), started again, and every question is answered that
still can be. Linux only: memory and threads are read from /proc.
"""

from __future__ import annotations

import argparse
import json
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypedDict

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt

WEEKEND_HOURS = 62  # Friday 18:00 to Monday 08:00
MB = 1024


class State(TypedDict, total=False):
    number: int
    document: str
    approved: bool


def write_document(number: int, kilobytes: int) -> str:
    return "".join(f"{number}.{line:<7} The parties agree as follows.\n" for line in range(kilobytes * 1024 // 40))


class Blocked:
    """The way of `input()`: a thread per workflow, its state in local variables, its question in a queue."""

    def __init__(self, _folder: Path, document_kb: int) -> None:
        self.document_kb = document_kb
        self.questions: dict[int, queue.Queue[bool]] = {}
        self.done: queue.Queue[bool] = queue.Queue()

    def start(self, workflows: int) -> None:
        for number in range(workflows):
            threading.Thread(target=self._workflow, args=(number,), daemon=True).start()
        while len(self.questions) < workflows:
            time.sleep(0.01)

    def _workflow(self, number: int) -> None:
        document = write_document(number, self.document_kb)
        answers: queue.Queue[bool] = queue.Queue()
        self.questions[number] = answers
        self.done.put(bool(document) and answers.get())

    def answer(self, number: int) -> bool:
        if number not in self.questions:
            return False
        self.questions.pop(number).put(True)
        return self.done.get(timeout=10)

    def close(self) -> None:
        """Nothing of it outlives the process."""


class Paused:
    """The way of `interrupt()`: state and question in a checkpoint, nothing in memory."""

    def __init__(self, folder: Path, document_kb: int) -> None:
        context = SqliteSaver.from_conn_string(str(folder / "checkpoints.sqlite"))
        self.saver = context.__enter__()
        self.close: Callable[[], object] = lambda: context.__exit__(None, None, None)
        builder = StateGraph(State)
        builder.add_node("write", lambda state: {"document": write_document(state["number"], document_kb)})
        builder.add_node("ask", lambda state: {"approved": interrupt(f"Sign contract {state['number']}?")})
        builder.add_edge(START, "write")
        builder.add_edge("write", "ask")
        builder.add_edge("ask", END)
        self.graph = builder.compile(checkpointer=self.saver)

    def start(self, workflows: int) -> None:
        for number in range(workflows):
            self.graph.invoke({"number": number}, self._config(number))

    def answer(self, number: int) -> bool:
        config = self._config(number)
        asked = self.graph.get_state(config).interrupts
        return bool(asked) and self.graph.invoke(Command(resume={asked[0].id: True}), config)["approved"]

    @staticmethod
    def _config(number: int) -> Any:
        return {"configurable": {"thread_id": f"contract-{number}"}}


WAYS: dict[str, Callable[[Path, int], Any]] = {"blocked": Blocked, "paused": Paused}


def status(field: str) -> int:
    """Return a number of /proc/self/status; memory is in KB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(f"{field}:")))


def say(**measured: Any) -> None:
    print(json.dumps(measured), flush=True)


def timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1000


def live(way: str, folder: Path, workflows: int, document_kb: int) -> None:
    """Bring all workflows to their questions, say what that costs, answer one, and wait to be killed."""
    memory, virtual = status("VmRSS"), status("VmSize")
    with closing(WAYS[way](folder, document_kb)) as running:
        running.start(workflows)
        held = {"memory_mb": (status("VmRSS") - memory) / MB, "address_space_mb": (status("VmSize") - virtual) / MB}
        say(**held, process_mb=status("VmRSS") / MB, threads=status("Threads"))
        say(resume_ms=timed(lambda: running.answer(workflows - 1)))
        sys.stdin.read()


def restarted(way: str, folder: Path, workflows: int, document_kb: int) -> None:
    """Start again after the kill and answer whatever can be answered."""
    with closing(WAYS[way](folder, document_kb)) as running:
        say(answered=running.answer(0))
        say(answered=sum(running.answer(number) for number in range(1, workflows - 1)))


def measure(way: str, workflows: int, document_kb: int) -> dict[str, float]:
    """Return what one way costs, from two processes: one that is killed while all wait, one that comes after it."""
    with tempfile.TemporaryDirectory() as name:
        command = [sys.executable, __file__, "--folder", name, "--way", way]
        command += ["--workflows", str(workflows), "--document-kb", str(document_kb)]
        with subprocess.Popen(
            [*command, "--role", "live"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            held, resumed = (json.loads(process.stdout.readline()) for _ in range(2))
            process.kill()
        size = sum(path.stat().st_size for path in Path(name).iterdir()) / MB / MB
        started = time.perf_counter()
        with subprocess.Popen([*command, "--role", "restarted"], stdout=subprocess.PIPE, text=True) as process:
            first = json.loads(process.stdout.readline())
            restart_ms = (time.perf_counter() - started) * 1000
            rest = json.loads(process.stdout.readline())
    waiting = workflows - 1  # one was answered before the kill
    answered = first["answered"] + rest["answered"]
    return {
        **held,
        "disk_mb": size,
        "resume_ms": resumed["resume_ms"],
        "waiting_when_killed": waiting,
        "answered_after_kill": answered,
        "lost": waiting - answered,
        "restart_ms": restart_ms,
    }


def report(workflows: int, blocked: dict[str, float], paused: dict[str, float]) -> None:
    """Print the comparison; the last column is what is left when no process runs, as none has to."""
    idle = {"memory_mb": 0, "address_space_mb": 0, "process_mb": 0, "threads": 0, "disk_mb": paused["disk_mb"]}
    print(f"{workflows:,} workflows waiting for an answer".ljust(44), "blocked   paused   paused, nothing running")
    for label, key, digits in (
        ("memory over the baseline, MB", "memory_mb", 1),
        ("address space over the baseline, MB", "address_space_mb", 0),
        ("whole process, MB", "process_mb", 0),
        ("operating system threads", "threads", 0),
        ("on disk, MB", "disk_mb", 1),
    ):
        row(label, blocked[key], paused[key], idle[key], digits=digits)
    weekend = [way["process_mb"] / MB * WEEKEND_HOURS for way in (blocked, paused, idle)]
    row(f"a weekend ({WEEKEND_HOURS} h), GB-hours of memory", *weekend, digits=1)
    for label, key, digits in (
        ("waiting when the process is killed", "waiting_when_killed", 0),
        ("answered after a restart", "answered_after_kill", 0),
        ("lost", "lost", 0),
        ("resume one, process alive, ms", "resume_ms", 2),
    ):
        row(label, blocked[key], paused[key], digits=digits)
    print(f"  {'start a process and resume one, ms':<42}{'never':>9}{paused['restart_ms']:>9,.0f}")
    print(f"memory over the baseline, blocked : paused = {blocked['memory_mb'] / paused['memory_mb']:.0f} : 1")


def row(label: str, *values: float, digits: int) -> None:
    print(f"  {label:<42}{''.join(f'{value:>9,.{digits}f}' for value in values)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workflows", type=int, default=500)
    parser.add_argument("--document-kb", type=int, default=20, help="text that each workflow holds while it waits")
    parser.add_argument("--role", choices=["live", "restarted"], help=argparse.SUPPRESS)
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.role:
        part = {"live": live, "restarted": restarted}[args.role]
        part(args.way, args.folder, args.workflows, args.document_kb)
    else:
        measured = {way: measure(way, args.workflows, args.document_kb) for way in WAYS}
        report(args.workflows, measured["blocked"], measured["paused"])


if __name__ == "__main__":
    main()
