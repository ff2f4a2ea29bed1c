"""Resume a thread that lives on an Agent Server: look, ask the server for one run, wait for its end, look again.

The server's run is named by our decision in its metadata: found again after a crash of ours, it says what became of
the answer, and no second one is begun. The server takes a run only when none is under way (``multitask_strategy=
"reject"``), and an answer only to a question that waits (strict resume, in the config where ``/info`` does not offer
it). Words of runs and threads as in langgraph-api 0.16.7.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from signoff import written
from signoff.agent_server import PAGE, AgentServer, Busy, Gone, Refused, Unsure
from signoff.apply import Journal, Settlement
from signoff.checkpoints import Head
from signoff.checkpoints.head import is_stuck
from signoff.checkpoints.server import ServerCheckpoints
from signoff.decisions import Decision, Outcome
from signoff.errors import BackendUnavailable
from signoff.graphs.server import ServerGraphs
from signoff.reviews import Kind
from signoff.run_config import MARK
from signoff.server_notes import NOTES, request, seconds_left, tell_other_run
from signoff.server_runs import answered_by_other, as_before, run_of
from signoff.server_steering import Course, begin_fork, clear, find_course, read_position
from signoff.steering import EDIT, END_HERE, SKIP, action_of

_STRICT = "__pregel_strict_resume"  # private in langgraph 1.2.22; tests/server guard its meaning
_ENDED = frozenset({"success", "error", "timeout", "interrupted"})
_LOOK_SECONDS, _LONGEST_SECONDS, _PATIENCE_SECONDS = 0.2, 2.0, 60.0
_STRICT_REFUSAL, _MISFIT = "UnknownInterruptError", ("ValidationError", "validation error")


@dataclass(frozen=True, kw_only=True)
class ServerApplier:
    """Takes recorded decisions to their outcome on an Agent Server, as `signoff.apply.Applier` does in this process."""

    checkpoints: ServerCheckpoints
    graphs: ServerGraphs
    journal: Journal

    @property
    def _server(self) -> AgentServer:
        return self.checkpoints.server

    def apply(self, decision: Decision) -> None:
        """Take the decision to its outcome, however often it is delivered. Blocks while another of us has the thread.

        What was interrupted by a crash is finished first. Raises `BackendUnavailable` when the server does not answer,
        or is busy with the thread for long; then the decision stays as it is, to be applied later.
        """
        with self.checkpoints.lock(decision.home):
            for interrupted in self.journal.interrupted(decision.home):
                if interrupted.home == decision.home:
                    self._settle(interrupted)
            current = self.journal.get(decision.id)
            if current is not None and not current.outcome.final:
                self._settle(current)

    def _settle(self, decision: Decision) -> None:
        try:
            settlement = self._take(decision)
        except Gone as gone:
            settlement = self._without_thread(decision, gone)
        except Refused as refused:
            settlement = self._settled(decision, Outcome.REFUSED, f"the server refused it: {refused}")
        wrote = written.copied(self.checkpoints, self.journal, decision.id)
        self.journal.settle(decision.id, **vars(settlement), wrote=wrote)

    def _without_thread(self, decision: Decision, gone: Gone) -> Settlement:
        """Return what becomes of a decision whose thread is gone. Raises `BackendUnavailable` when it is not."""
        if self._server.thread(decision.home) is not None:
            raise BackendUnavailable(f"The server said: {gone}. Thread {decision.home!r} is there; it is tried later.")
        return self._settled(decision, Outcome.SUPERSEDED, f"it is gone from the server: {gone}")

    def _take(self, decision: Decision) -> Settlement:
        deadline, pause = time.monotonic() + _PATIENCE_SECONDS, _LOOK_SECONDS
        while True:
            run = self._under_way(decision)
            if run is None and (why := self._not_any_more(decision)):
                run = self._under_way(decision)  # it may have begun while we looked
                if run is None:
                    return self._settled(decision, Outcome.SUPERSEDED, why)
            try:
                run = run or self._begun(decision)
            except Busy:
                self._wait_a_little(decision, deadline, pause)
                pause = min(2 * pause, _LONGEST_SECONDS)
                decision = self.journal.get(decision.id) or decision
                continue
            tell_other_run(self.journal, decision.id, "finished")
            return (
                self._judged(decision, self._ended(decision, run)) if run else self._settled(decision, Outcome.APPLIED)
            )

    def _wait_a_little(self, decision: Decision, deadline: float, pause: float) -> None:
        if time.monotonic() > deadline:
            raise BackendUnavailable(
                f"Another run has kept thread {decision.home!r} busy for {_PATIENCE_SECONDS:.0f} s. It is tried later."
            )
        tell_other_run(self.journal, decision.id, "started")
        time.sleep(pause)

    def _under_way(self, decision: Decision) -> Mapping[str, Any] | None:
        """Return the run that was begun for this decision, before a crash or by another delivery, or None.

        Raises `BackendUnavailable` while a request for it may be on its way: with a second one it would run twice.
        """
        if decision.outcome is not Outcome.APPLYING:
            return None
        run = self._run_of(decision)
        if run is None and (left := seconds_left(self.journal, decision.id, timeout=self._server.timeout)):
            raise BackendUnavailable(
                f"The server did not say whether it began the run. It is asked again in {left:.0f} s, "
                "unless the run appears."
            )
        return run

    def _run_of(self, decision: Decision) -> Mapping[str, Any] | None:
        return run_of(self._server.runs(decision.home, limit=PAGE), decision.id)

    def _not_any_more(self, decision: Decision) -> str | None:
        """Return why the answer has nowhere to go, None while it does. Raises `BackendUnavailable` if untold."""
        head = self._head(decision.home)
        if decision.forks:
            row = self._server.thread(decision.home)
            ours = row is None or (row.get("metadata") or {}).get(MARK) == decision.id
            return None if ours else f"there is a thread {decision.home!r} already"
        if head is None:
            applying = decision.outcome is Outcome.APPLYING
            return (
                f"the thread was deleted {'while the answer was' if applying else 'before the answer could be'} applied"
            )
        if self._still_asked(decision, head) or self._half_steered(decision):
            return None
        if head.problem:
            raise BackendUnavailable(head.problem)
        again = decision.outcome is Outcome.APPLYING
        return f"{'somebody answered elsewhere' if again else 'the thread moved on'} before the answer could be applied"

    def _still_asked(self, decision: Decision, head: Head) -> bool:
        if decision.kind is Kind.TRAVEL:
            return bool(head.checkpoint_id == decision.resume["head"])
        if decision.interrupt_id is None:
            return head.checkpoint_id == decision.checkpoint_id
        if all(question.interrupt_id != decision.interrupt_id for question in head.open):
            return False
        task = self.checkpoints.asking(decision.thread_id, decision.interrupt_id)
        return task is not None and is_stuck(task, decision.interrupt_id) == (decision.kind is Kind.STUCK)

    def _half_steered(self, decision: Decision) -> bool:
        """Tell whether the thread stands where this decision's first step left it, when we died before the second."""
        if decision.outcome is not Outcome.APPLYING:
            return False
        course = find_course(self._server, decision)
        return course is Course.CLEARED if action_of(decision) in (SKIP, END_HERE) else course is Course.COPIED

    def _begun(self, decision: Decision) -> Mapping[str, Any] | None:
        """Change the thread's state or course where the decision says so, and begin its run, if there is one."""
        head, given, action = self._head(decision.home), dict[str, Any](input=None), action_of(decision)
        at = head.checkpoint_id if head else None
        travels = decision.kind is Kind.TRAVEL
        self.journal.begin(decision.id, checkpoint_before=decision.checkpoint_id if travels else at)
        if decision.kind is Kind.INTERRUPT:
            given = {"command": {"resume": {decision.interrupt_id: decision.resume}}}
        elif decision.forks:
            begin_fork(self._server, decision)
            if not decision.resume["run"]:
                return None
        elif action in (END_HERE, SKIP):
            clear(self._server, decision.home)
            if action == END_HERE:
                return None
            given = {"command": {"goto": decision.resume["to"]}}
        elif action == EDIT or travels:
            given = read_position(self._server, decision)
        elif decision.kind is Kind.STUCK:
            given = {"input": None, "checkpoint_id": decision.checkpoint_id}  # forks there: the question is asked anew
        return self._asked_for(decision, given)

    def _asked_for(self, decision: Decision, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask the server for the run; where the connection broke, look whether it began. Raises `Busy`."""
        row = self._server.thread(decision.home) or {}
        left = self._server.thread(decision.thread_id) or {} if decision.forks else row
        how = as_before(next(iter(self._server.runs(decision.thread_id, limit=1)), {}), left)
        how["metadata"][MARK] = decision.id
        if decision.kind is Kind.INTERRUPT:
            how["config"]["configurable"][_STRICT] = True
            how |= {"strict_resume": True} if self._server.strict else {}
        how |= {"stream_mode": ["tasks"], "stream_subgraphs": True, "stream_resumable": True}
        late = decision.kind is not Kind.INTERRUPT  # an answer the server takes to its own question only, and once
        with request(self.journal, decision.id) if late else nullcontext():
            try:
                return self._begin(decision, row, **given, **how)
            except Unsure:
                if run := self._run_of(decision):
                    return run
                raise

    def _begin(self, decision: Decision, row: Mapping[str, Any], **how: Any) -> dict[str, Any]:
        """Begin the run by the assistant of the run before, by the graph itself where that was deleted meanwhile."""
        assistant = self.graphs.assistant(decision.graph or "", row.get("metadata") or {})
        try:
            return self._server.begin(decision.home, assistant, **how)
        except Gone:
            if not decision.graph or self._server.thread(decision.home) is None:
                raise
            return self._server.begin(decision.home, decision.graph, **how)

    def _ended(self, decision: Decision, run: Mapping[str, Any]) -> dict[str, Any]:
        """Return the run when it has ended, its nodes noted meanwhile. Raises `BackendUnavailable` when it is gone."""
        run_id = str(run["run_id"])
        seen = {(one.node, one.event) for one in self.journal.progress(decision.id)}
        for event, data in self._server.events(decision.home, run_id):
            self._report(decision, event, data, seen)
        while True:
            found = self._server.run(decision.home, run_id)
            if found is None:
                raise BackendUnavailable(
                    f"The server forgot run {run_id} of decision {decision.id}; it is looked for again."
                )
            if found["status"] in _ENDED:
                return found
            time.sleep(_LOOK_SECONDS)

    def _report(self, decision: Decision, event: str, data: Any, seen: set[tuple[str, str]]) -> None:
        kind, *inside = event.split("|")
        if kind != "tasks" or not isinstance(data, Mapping) or str(data.get("name", "__")).startswith("__"):
            return
        node = " / ".join([*(part.partition(":")[0] for part in inside), str(data["name"])])
        happened = "failed" if data.get("error") else "paused" if data.get("interrupts") else "finished"
        happened = "started" if "triggers" in data else happened
        if (node, happened) not in seen:  # told again where the stream is joined again
            self.journal.add_progress(decision.id, node, happened)

    def _judged(self, decision: Decision, run: Mapping[str, Any]) -> Settlement:
        """Return what became of the decision, by its run and by where the thread stands now."""
        if run["status"] == "success":
            return self._settled(decision, Outcome.APPLIED)
        row = self._server.thread(decision.home) or {}
        raised = row.get("error")
        said = raised if isinstance(raised, dict) else {}
        name, message = str(said.get("error") or ""), str(said.get("message") or "")
        if name == _STRICT_REFUSAL:
            return self._settled(decision, Outcome.SUPERSEDED, "the question was answered elsewhere")
        if run["status"] == "interrupted" and self._answered_instead(decision, run):
            return self._settled(decision, Outcome.SUPERSEDED, "another run stopped ours and answered the question")
        head = self._head(decision.home)
        errors = [task.error for task in head.tasks if task.error] if head else []
        why = errors[0] if errors else f"{name}: {message}" if name else f"the run ended as {run['status']}"
        typed = decision.kind is Kind.INTERRUPT and decision.shown.get("schema") is not None
        refused = typed and any(word in f"{name} {why}" for word in _MISFIT)
        return self._settled(decision, Outcome.REFUSED if refused else Outcome.FAILED, why)

    def _answered_instead(self, decision: Decision, run: Mapping[str, Any]) -> bool:
        """Tell whether another run answered the question, and ours was stopped before it took our answer."""
        if any(one.event == "finished" and one.node not in NOTES for one in self.journal.progress(decision.id)):
            return False
        runs = self._server.runs(decision.home, limit=PAGE)
        return answered_by_other(runs, str(run["run_id"]), decision.interrupt_id)

    def _settled(self, decision: Decision, outcome: Outcome, error: str | None = None) -> Settlement:
        head = self._head(decision.home)
        answered = outcome is Outcome.APPLIED and decision.kind is Kind.INTERRUPT
        if answered and head and any(one.interrupt_id == decision.interrupt_id for one in head.open):
            outcome, error = Outcome.FAILED, "the graph ended without taking the answer; the question is still open"
        return Settlement(outcome=outcome, error=error, checkpoint_after=head.checkpoint_id if head else None)

    def _head(self, thread_id: str) -> Head | None:
        return next(iter(self.checkpoints.heads([thread_id])), None)
