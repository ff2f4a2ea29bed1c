"""Reading checkpoints: which threads changed, where each stands now, and what happened before.

One file per back end, all behind `Checkpoints`; nothing here ever writes to a checkpoint database or imports a class
that a checkpoint names. How LangGraph stores a pause was read in langgraph 1.2.22 (``pregel/_task_status.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from signoff.checkpoints.decoding import to_json
from signoff.reviews import ABSENT, Absent, Json

if TYPE_CHECKING:
    from signoff.checkpoints.strand import Strand


@dataclass(frozen=True, kw_only=True)
class Question:
    """One interrupt that waits for an answer. ``payload`` and ``schema`` are plain JSON."""

    interrupt_id: str
    node: str | None
    payload: Json
    schema: Json | None = None


@dataclass(frozen=True, kw_only=True)
class Task:
    """What one task of the newest step has written so far.

    ``path`` is its own namespace (``NODE:TASK_ID``, behind those of the subgraphs around it), ``resumed`` the answers
    it has received, in the order of its questions. ``called`` tells of a finished one that a node's own code called it
    (``@task``).
    """

    id: str
    path: str
    node: str | None
    questions: tuple[Question, ...] = ()
    resumed: tuple[Json, ...] = ()
    error: str | None = None
    finished: bool = False
    called: bool = False


@dataclass(frozen=True, kw_only=True)
class Head:
    """The newest checkpoint of a thread's root namespace, and the tasks that have run on it.

    ``next`` names the nodes still to run, as far as the checkpoint alone tells (StateGraph's ``branch:to:`` and
    ``join:`` channels, ``Send`` packets, an entrypoint's input); all of the step once all have run. ``versions`` holds
    the version of each channel, ``seen`` those that each node has consumed. ``scalars`` holds the state's plain values
    by path, as text; it is empty for an `idle` head. ``problem`` says what could not be read, ``expires_at`` when the
    back end is to delete the thread, as far as it tells.
    """

    thread_id: str
    checkpoint_id: str
    created_at: datetime
    step: int = 0
    source: str = ""
    metadata: Mapping[str, Json] = field(default_factory=dict)
    next: tuple[str, ...] = ()
    versions: Mapping[str, Any] = field(default_factory=dict)
    seen: Mapping[str, Any] = field(default_factory=dict)
    tasks: tuple[Task, ...] = ()
    scalars: Mapping[str, str] = field(default_factory=dict)
    problem: str | None = None
    expires_at: datetime | None = None

    @property
    def idle(self) -> bool:
        """Tell whether nothing would run and nothing has run on this checkpoint: the thread has finished."""
        return not self.next and not self.tasks

    @property
    def channels(self) -> frozenset[str]:
        """Return the names of the channels that were ever written."""
        return frozenset(self.versions)

    @property
    def nodes(self) -> frozenset[str]:
        """Return the names of the nodes that ran or were triggered."""
        triggered = {c.removeprefix("branch:to:") for c in self.versions if c.startswith("branch:to:")}
        return frozenset(triggered | {node for node in self.seen if not node.startswith("__")})

    @property
    def ran(self) -> tuple[str, ...]:
        """Return the nodes whose run made this checkpoint, those that consumed the newest versions; sorted."""
        consumed = {node: _newest(versions) for node, versions in self.seen.items() if not node.startswith("__")}
        latest = max(consumed.values(), default=0)
        return tuple(sorted(node for node, version in consumed.items() if version == latest > 0))

    @property
    def moved_since_pause(self) -> bool:
        """Tell whether a channel changed since the last static pause (``should_interrupt`` in langgraph 1.2.22)."""
        return _newest(self.versions) > _newest(self.seen.get("__interrupt__"))

    @property
    def open(self) -> tuple[Question, ...]:
        """Return the questions that wait for an answer, in the order in which their tasks wrote.

        A question that any finished task carries has been answered: a functional-API task hands its interrupt up to
        the entrypoint, which keeps showing it until the step ends.
        """
        answered = {q.interrupt_id for task in self.tasks if task.finished for q in task.questions}
        waiting = [q for task in self.tasks if not task.finished for q in task.questions]
        return tuple({q.interrupt_id: q for q in waiting if q.interrupt_id not in answered}.values())

    def paused_at(self, *, before: Collection[str], after: Collection[str]) -> tuple[str, tuple[str, ...]] | None:
        """Return (``"before"`` or ``"after"``, nodes) when the thread stands at a static breakpoint, else None.

        LangGraph stores nothing for such a pause (1.2.22): something would run next, nothing of it has written yet, and
        what would run, or ran last, is among the graph's breakpoints (``"*"`` stands for every node).
        """
        due = tuple(node for node in dict.fromkeys(self.next) if not node.startswith("__"))
        if not due or self.tasks or not self.moved_since_pause:
            return None
        for when, nodes, marked in (("after", self.ran, after), ("before", due, before)):
            if hit := tuple(node for node in nodes if node in marked or "*" in marked):
                return when, hit
        return None

    def task_of(self, interrupt_id: str) -> Task | None:
        """Return the unfinished task that asks this question, or None."""
        asking = (t for t in self.tasks if not t.finished and any(q.interrupt_id == interrupt_id for q in t.questions))
        return next(asking, None)


def _newest(versions: Any) -> int:
    """Return the highest of some channel versions: integers, or text that begins with one (``000…02.0.42``)."""
    heads = (str(one).partition(".")[0] for one in versions.values()) if isinstance(versions, Mapping) else ()
    return max((int(head) for head in heads if head.isdecimal()), default=0)


@dataclass(frozen=True, kw_only=True)
class Write:
    """One value that a task wrote; ``value`` is plain JSON."""

    task_id: str
    node: str | None
    channel: str
    value: Json


@dataclass(frozen=True, kw_only=True)
class Step:
    """One checkpoint of a thread as history shows it: the state after the step, and what its tasks wrote next.

    ``next`` names all that was to run on it, ``to_run`` what of that has not run yet; all of it once all has.
    ``asked`` holds the ids of the interrupts that a task raised, by task id; ``tasks`` what has run on the step.
    ``rebuilt`` names the channels whose values were put together from a snapshot and the writes since (delta channels).
    """

    checkpoint_id: str
    checkpoint_ns: str
    parent_id: str | None
    step: int
    source: str
    created_at: datetime
    next: tuple[str, ...]
    values: Mapping[str, Json]
    writes: tuple[Write, ...]
    interrupts: tuple[Question, ...]
    metadata: Mapping[str, Json]
    error: str | None = None
    asked: Mapping[str, frozenset[str]] = field(default_factory=dict)
    tasks: tuple[Task, ...] = ()
    to_run: tuple[str, ...] = ()
    rebuilt: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Trace:
    """One checkpoint of a thread without its state: what was to run, what ran on it, and one channel of the state.

    ``next`` as in `Head`; ``ran``, ``asking`` and ``failed`` name the nodes of the tasks on this checkpoint, ``wrote``
    those that wrote the channel. ``version`` moves when the channel is written, and is None where it holds nothing.
    """

    checkpoint_id: str
    parent_id: str | None
    step: int
    source: str
    created_at: datetime
    next: tuple[str, ...]
    ran: tuple[str, ...]
    asking: tuple[str, ...]
    failed: tuple[str, ...]
    wrote: tuple[str, ...] = ()
    version: Any = None
    stored: Any = ABSENT

    @property
    def value(self) -> Json | Absent:
        """Return the channel's value as JSON, `ABSENT` where it holds none; made anew each time."""
        return ABSENT if self.stored is ABSENT else to_json(self.stored)


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What moved since a cursor: thread ids in any order, or ``None`` when every thread has to be looked at again.

    Others may be gone, or some likely are. Where rows may be back, ``tips`` returns each thread's newest checkpoint.
    """

    cursor: Json
    thread_ids: tuple[str, ...] | None
    deletions_possible: bool = True
    deletions_likely: bool = False
    tips: Callable[[], Mapping[str, str]] | None = None


class Checkpoints(Protocol):
    """A checkpoint database, read. Every method raises `BackendUnavailable` when the database cannot be read."""

    name: str

    def changes(self, since: Json | None) -> Changes:
        """Return the threads with new or rewritten rows since ``since`` (a cursor of ours as JSON, or None)."""

    def heads(self, thread_ids: Sequence[str] | None = None) -> Iterator[Head]:
        """Yield the head of the given threads (unknown ones are left out), or of all threads, by thread id."""

    def missing(self, thread_ids: Sequence[str]) -> frozenset[str]:
        """Return those of the given threads that have no checkpoint any more."""

    def asking(self, thread_id: str, interrupt_id: str) -> Task | None:
        """Return the innermost task, in any namespace, that waits for the answer to this question, or None.

        A subgraph's question is repeated by the task that runs the subgraph, its answers are kept by the inner one. A
        repetition of a question that the subgraph has answer to already is outdated: the run died before it was said.
        """

    def answers_to(self, thread_id: str, interrupt_id: str) -> tuple[Json, ...]:
        """Return the answers to this question that the thread's checkpoints hold: one, none, or one per fork."""

    def runs_of(self, thread_id: str, key: str, value: str) -> str | None:
        """Return the newest root checkpoint whose metadata has ``key`` equal to ``value``, or None."""

    def newest(self, thread_id: str) -> str:
        """Return the greatest checkpoint id of a thread in any namespace, an empty text when there is none."""

    def steps(self, thread_id: str, *, limit: int, before: str | None = None) -> tuple[Step, ...]:
        """Return at most ``limit`` root steps, newest first, older than checkpoint ``before`` when given."""

    def traces(self, thread_id: str, *, limit: int, before: str | None = None, channel: str = "") -> tuple[Trace, ...]:
        """Return at most ``limit`` root checkpoints, newest first, older than checkpoint ``before`` when given."""

    def strand(self, thread_id: str, namespace: str = "") -> Strand:
        """Return one namespace of a thread, for its history to be read from; its rows are read when it is asked."""

    def lock(self, thread_id: str) -> AbstractContextManager[Any]:
        """Return a lock that one run of a thread holds from first look to last, across processes; waits for ever."""

    def busy(self, thread_id: str) -> bool:
        """Tell whether some run holds that lock this moment."""

    def saver(self) -> AbstractAsyncContextManager[Any]:
        """Return an async context manager that opens LangGraph's own saver for running a graph, for `apply` alone."""

    def close(self) -> None:
        """Release connections."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What `signoff index` has installed in a checkpoint database.

    ``broken``: parts of live are there and others are not, or this role may not read them. ``pooled``: a connection
    pooler stands between us and the server.
    """

    index: bool
    live: bool
    broken: bool
    pooled: bool = False


@runtime_checkable
class Extended(Protocol):
    """A checkpoint database to which `signoff index` can add something."""

    def standing(self) -> Standing:
        """Return what is installed. Raises `BackendUnavailable`."""


@runtime_checkable
class Waking(Protocol):
    """A checkpoint database that can say by itself that a thread has paused."""

    def listen(self, wake: Callable[[], None]) -> None:
        """Call ``wake`` from another thread whenever that may be so; returns at once."""
