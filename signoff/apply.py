"""Resume a thread safely: lock it, look, hand the answer to the question it was given for, look again.

LangGraph itself has no lock, takes a late answer for the next question, and forgets an answer when the process dies in
the resumed node (langgraph 1.2.22). Nodes may run again after a crash; without one, a node runs once per answer.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Protocol

from langgraph.errors import UnknownInterruptError, is_invalid_resume
from langgraph.types import Command

from signoff import written
from signoff.branching import begin_branch, keeps_memory
from signoff.checkpoints import Checkpoints, Head, Task
from signoff.checkpoints.decoding import make_ids_behind
from signoff.checkpoints.head import is_stuck
from signoff.checkpoints.steps import step_at
from signoff.decisions import Decision, Outcome
from signoff.errors import BackendUnavailable, GraphUnknown
from signoff.graphs import Graphs
from signoff.graphs.loop import run_on_graph_loop
from signoff.reviews import Json, Kind
from signoff.run_config import MARK, run_config
from signoff.steering import END_HERE, STAGE, action_of, steer

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Settlement:
    """What became of a decision, and the checkpoint at which the thread stands now."""

    outcome: Outcome
    error: str | None = None
    checkpoint_after: str | None = None


class Move(StrEnum):
    """What there is to do for a decision: hand the answer over, go on with a run that died, or nothing."""

    RESUME = "resume"
    CONTINUE = "continue"
    NOTHING = "nothing"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A move, and how the decision stands if that is all there is to do."""

    move: Move
    settlement: Settlement = Settlement(outcome=Outcome.APPLIED)


class Journal(written.Journal, Protocol):
    """Where decisions are on record; `signoff.database.decisions.DecisionStore` is one."""

    def interrupted(self, thread_id: str) -> Sequence[Decision]:
        """Return the thread's decisions that are ``applying``, oldest first."""

    def begin(self, decision_id: str, *, checkpoint_before: str | None) -> None:
        """Note that the answer is now being handed to the graph."""

    def add_progress(self, decision_id: str, node: str, event: str) -> None:
        """Note that a node started, finished, paused or failed."""

    def settle(
        self,
        decision_id: str,
        outcome: Outcome,
        *,
        error: str | None = None,
        checkpoint_after: str | None = None,
        wrote: Json = None,
    ) -> None:
        """Record what became of the decision."""


@dataclass(frozen=True, kw_only=True)
class Applier:
    """Takes recorded decisions to their outcome."""

    checkpoints: Checkpoints
    graphs: Graphs
    journal: Journal

    def apply(self, decision: Decision) -> None:
        """Take the decision to its outcome, however often it is delivered. Blocks while another run has the thread.

        The decision is read again under the lock, and settled under it, so that a second delivery sees the outcome of
        the first. One that is found ``applying`` was interrupted by a crash; all of the thread's are finished first,
        before another run makes it impossible to tell what became of them. Raises nothing that a graph raises: that
        ends up on record. Raises `BackendUnavailable` when a database does not answer, `GraphBroken` or `GraphUnknown`
        when this process does not have the graph; then the decision stays as it is, to be applied later.
        """
        with self.checkpoints.lock(decision.home):
            for interrupted in self.journal.interrupted(decision.home):
                if interrupted.home == decision.home:
                    self._settle(interrupted)
            current = self.journal.get(decision.id)
            if current is not None and not current.outcome.final:
                self._settle(current)

    def _settle(self, decision: Decision) -> None:
        settlement = self._take(decision)
        wrote = written.copied(self.checkpoints, self.journal, decision.id)
        self.journal.settle(decision.id, **vars(settlement), wrote=wrote)

    def _take(self, decision: Decision) -> Settlement:
        plan = self._plan(decision)
        return plan.settlement if plan.move is Move.NOTHING else run_on_graph_loop(self._run(decision, plan.move))

    def _plan(self, decision: Decision) -> Plan:
        head = self._head(decision.home)
        if decision.forks:
            return self._fork(decision, head)
        if head is None:
            return _superseded("the thread was deleted before the answer could be applied")
        if decision.outcome is not Outcome.APPLYING:
            return self._first_delivery(decision, head)
        return self._redelivery(decision, head)

    def _first_delivery(self, decision: Decision, head: Head) -> Plan:
        if not self._still_asked(decision, head):
            return _superseded("the thread moved on before the answer could be applied")
        return Plan(move=Move.RESUME)

    def _redelivery(self, decision: Decision, head: Head) -> Plan:
        """Tell how far the run came that died: before the answer took effect, between steps, or to its end."""
        if self._still_asked(decision, head):
            return Plan(move=Move.RESUME)
        if not self._took_effect(decision, head):
            return _superseded("somebody answered elsewhere while the answer was being applied")
        return self._afterwards(decision, head)

    def _fork(self, decision: Decision, head: Head | None) -> Plan:
        """Tell what is left to do where a new thread is to begin; its first checkpoint names the decision."""
        if head is None:
            return Plan(move=Move.RESUME)
        if self.checkpoints.runs_of(decision.home, MARK, decision.id) is None:
            return _superseded(f"there is a thread {decision.home!r} already")
        plan = self._afterwards(decision, head)
        return plan if decision.resume["run"] else replace(plan, move=Move.NOTHING)

    def _afterwards(self, decision: Decision, head: Head) -> Plan:
        """Tell what is left to do once the decision has taken effect."""
        if _steered_by(decision, head) and STAGE in head.metadata:
            return Plan(move=Move.RESUME)
        errors = [task.error for task in head.tasks if task.error and _is_ours(decision, head, task)]
        if errors:
            failed = Settlement(outcome=Outcome.FAILED, error=errors[0], checkpoint_after=head.checkpoint_id)
            return Plan(move=Move.NOTHING, settlement=failed)
        repeated = any(question.interrupt_id == decision.interrupt_id for question in head.open)
        applied = Settlement(outcome=Outcome.APPLIED, checkpoint_after=head.checkpoint_id)
        return Plan(move=Move.CONTINUE if repeated or not head.open else Move.NOTHING, settlement=applied)

    def _still_asked(self, decision: Decision, head: Head) -> bool:
        if decision.kind is Kind.TRAVEL:
            return bool(head.checkpoint_id == decision.resume["head"])
        if decision.interrupt_id is None:
            again = decision.kind is not Kind.BREAKPOINT or decision.outcome is Outcome.APPLYING
            return head.checkpoint_id == decision.checkpoint_id and (again or not head.tasks)
        if all(question.interrupt_id != decision.interrupt_id for question in head.open):
            return False
        task = self.checkpoints.asking(decision.thread_id, decision.interrupt_id)
        return task is not None and is_stuck(task, decision.interrupt_id) == (decision.kind is Kind.STUCK)

    def _took_effect(self, decision: Decision, head: Head) -> bool:
        """Tell whether it was our answer that closed the question.

        A checkpoint of our run says so, or the answer that is kept. Where none is kept, it was ours if the thread still
        stands where our run found it: another program would have moved on.
        """
        made = self.checkpoints.runs_of(decision.home, MARK, decision.id)
        if made is not None or decision.kind is not Kind.INTERRUPT:
            return made is not None
        held = self.checkpoints.answers_to(decision.thread_id, decision.interrupt_id or "")
        ours = json.dumps(decision.resume, sort_keys=True)
        if held:
            return any(json.dumps(answer, sort_keys=True) == ours for answer in held)
        return head.checkpoint_id == decision.checkpoint_before

    def _head(self, thread_id: str) -> Head | None:
        return next(iter(self.checkpoints.heads([thread_id])), None)

    async def _run(self, decision: Decision, move: Move) -> Settlement:
        head = self._head(decision.home)
        config = run_config(decision, self._metadata(decision, head, move), resuming=move is Move.RESUME)
        if decision.graph is None:
            raise GraphUnknown(decision.thread_id, self.graphs.names)
        async with (
            self.checkpoints.saver() as saver,
            self.graphs.open(decision.graph, checkpointer=saver, config=config) as graph,
        ):
            given = await self._input(decision, move, graph)
            if given is _DONE:
                return self._settled(decision, Outcome.APPLIED)
            for thread_id in {decision.thread_id, decision.home}:
                make_ids_behind(self.checkpoints.newest(thread_id))
            travels, at = decision.kind is Kind.TRAVEL, head.checkpoint_id if head else None
            self.journal.begin(decision.id, checkpoint_before=decision.checkpoint_id if travels else at)
            if move is Move.CONTINUE and travels and head and _steered_by(decision, head) and keeps_memory(graph):
                config["configurable"]["checkpoint_id"] = at  # the memory of its subgraphs is that of the other branch
            turns = move is Move.RESUME and (travels or action_of(decision))
            turned = await self._turn(decision, graph, config) if turns else None
            return turned or await self._stream(decision, graph, given, config)

    def _metadata(self, decision: Decision, head: Head | None, move: Move) -> Mapping[str, Json]:
        """Return the metadata of the checkpoint from which the run goes on."""
        if decision.kind is Kind.TRAVEL and move is Move.RESUME:
            step = step_at(self.checkpoints, decision.thread_id, decision.checkpoint_id)
            return step.metadata if step else {}
        return head.metadata if head else {}

    async def _input(self, decision: Decision, move: Move, graph: Any) -> Any:
        """Return what to invoke the graph with: the answer by its interrupt id, None to go on, `_DONE` for nothing."""
        if move is Move.RESUME:
            return Command(resume={decision.interrupt_id: decision.resume}) if decision.kind is Kind.INTERRUPT else None
        state = await graph.aget_state({"configurable": {"thread_id": decision.home}})
        head, marks = self._head(decision.home), self.graphs.breakpoints(decision.graph or "")
        if head and _steered_by(decision, head) and state.next:
            return None  # we put it there to run, be there a breakpoint or not
        if head is None or head.paused_at(before=marks.before, after=marks.after):
            return _DONE
        return None if state.next or head.tasks else _DONE  # tasks without a next: all wrote, the step was not ended

    async def _turn(self, decision: Decision, graph: Any, config: dict[str, Any]) -> Settlement | None:
        """Change the thread's state or course first; return what became of the decision if that is all there is."""
        try:
            if decision.kind is Kind.TRAVEL:
                config["configurable"]["checkpoint_id"] = await begin_branch(graph, config, decision)
            else:
                await steer(graph, config, decision.resume)
        except BackendUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - foreign types are made and foreign reducers run; it ends up on record
            misfit = isinstance(error, ValueError)  # found before anything was written
            return self._settled(decision, Outcome.REFUSED if misfit else Outcome.FAILED, written.described(error))
        ended = action_of(decision) == END_HERE or (decision.forks and not decision.resume["run"])
        return self._settled(decision, Outcome.APPLIED) if ended else None

    async def _stream(self, decision: Decision, graph: Any, given: Any, config: Any) -> Settlement:
        try:
            events = graph.astream(given, config, stream_mode="tasks", subgraphs=True, durability="sync")
            async for namespace, event in events:
                self._report(decision, namespace, event)
        except UnknownInterruptError:
            return self._settled(decision, Outcome.SUPERSEDED, "the question was answered elsewhere")
        except (KeyboardInterrupt, asyncio.CancelledError, BackendUnavailable):
            raise  # this process is being stopped, or the database refused a write; the decision is delivered again
        except BaseException as error:  # noqa: BLE001 - foreign graph code; it ends up on record
            refused = is_invalid_resume(error)
            return self._settled(decision, Outcome.REFUSED if refused else Outcome.FAILED, written.described(error))
        return self._settled(decision, Outcome.APPLIED)

    def _report(self, decision: Decision, namespace: tuple[str, ...], event: Mapping[str, Any]) -> None:
        if str(event["name"]).startswith("__"):
            return
        name = " / ".join([*(part.partition(":")[0] for part in namespace), str(event["name"])])
        happened = "failed" if event.get("error") else "paused" if event.get("interrupts") else "finished"
        try:
            self.journal.add_progress(decision.id, name, "started" if "triggers" in event else happened)
        except BackendUnavailable as error:  # a missing progress line must not fail the run
            _log.warning("Progress of decision %s is not shown: %s", decision.id, error)

    def _settled(self, decision: Decision, outcome: Outcome, error: str | None = None) -> Settlement:
        head = self._head(decision.home)
        answered = outcome is Outcome.APPLIED and decision.kind is Kind.INTERRUPT
        if answered and head and self._still_asked(decision, head):
            outcome, error = Outcome.FAILED, "the graph ended without taking the answer; the question is still open"
        return Settlement(outcome=outcome, error=error, checkpoint_after=head.checkpoint_id if head else None)


_DONE = object()


def _is_ours(decision: Decision, head: Head, task: Task) -> bool:
    """Tell whether a task ran because of this decision: on a checkpoint of its run, or as the task that had asked."""
    return head.metadata.get(MARK) == decision.id or any(
        q.interrupt_id == decision.interrupt_id for q in task.questions
    )


def _steered_by(decision: Decision, head: Head) -> bool:
    """Tell whether the newest checkpoint is the one by which this decision changed the thread's state or course."""
    return head.source in ("update", "fork") and head.metadata.get(MARK) == decision.id


def _superseded(why: str) -> Plan:
    return Plan(move=Move.NOTHING, settlement=Settlement(outcome=Outcome.SUPERSEDED, error=why))
