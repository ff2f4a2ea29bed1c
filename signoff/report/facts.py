"""What a report says, as JSON: head, steps, and decisions with their entries of the trail. Secrets are masked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Final

from signoff import __version__, wire
from signoff.checkpoints import Step
from signoff.checkpoints.steps import step_at
from signoff.database.audit import Entry
from signoff.decisions import Decision
from signoff.desk import Desk
from signoff.dialects.masking import DEFAULT_KEYS, mask_difference, mask_secrets
from signoff.differences import differences
from signoff.errors import ThreadNotFound
from signoff.history import in_words, ran
from signoff.origin import origin_of
from signoff.reviews import Json
from signoff.wire import time_text

FORMAT: Final = "signoff-report-1"
LONGEST: Final = 20_000
"""Characters of one state, question or answer; what is longer is left out, and said to be."""
MOST: Final = 40
"""Differences that are told of one step."""
IN_ALL: Final = 20_000_000
"""Characters of states and differences in one report; once they are spent, older steps are told without them."""

_PAGE = 20


@dataclass
class Facts:
    """One thread, told for a report. ``by`` is who exports it, ``keys`` are those whose values are masked."""

    desk: Desk
    thread_id: str
    by: str
    keys: tuple[str, ...] = DEFAULT_KEYS
    left: int = field(default=IN_ALL, init=False)

    def head(self) -> dict[str, Json]:
        """Return what stands at the top, read from the thread this moment. Raises `ThreadNotFound`."""
        newest = self.desk.checkpoints.steps(self.thread_id, limit=1)
        if not newest:
            raise ThreadNotFound(self.thread_id)
        self.desk.scanner.look([self.thread_id])
        graph, _ = self.desk.graph_of(self.thread_id)
        number, newest_hash = self.desk.database.audit.newest()
        return {
            "thread_id": self.thread_id,
            "graph": graph,
            "step": newest[0].step,
            "checkpoint_id": newest[0].checkpoint_id,
            "next": list(dict.fromkeys(newest[0].to_run)),
            "waiting": [self.masked(review.title) for review in self.desk.open_on(self.thread_id)],
            "exported_at": time_text(datetime.now(UTC)),
            "exported_by": self.by,
            "signoff": __version__,
            "trail": {"entries": number, "newest": newest_hash},
        }

    def steps(self) -> Iterator[Json]:
        """Yield the steps, newest first, read a page at a time."""
        decisions: dict[str, list[Decision]] = {}
        for decision in self.desk.database.decisions.of_thread(self.thread_id):
            decisions.setdefault(decision.checkpoint_id, []).insert(0, decision)
        page = self.desk.checkpoints.steps(self.thread_id, limit=_PAGE)
        while page:
            older = self.desk.checkpoints.steps(self.thread_id, limit=_PAGE, before=page[-1].checkpoint_id)
            near = {step.checkpoint_id: step for step in (*page, *older[:1])}
            for step in page:
                parent = near.get(step.parent_id or "") or self._parent(step)
                yield self._step(step, parent, decisions.get(step.checkpoint_id, []))
            page = older

    def decisions(self) -> Iterator[Json]:
        """Yield the decisions, oldest first, each with its entries of the trail."""
        for decision in reversed(self.desk.database.decisions.of_thread(self.thread_id)):
            entries = [self._entry(entry) for entry in self.desk.database.audit.entries(decision.id)]
            yield self._decision(decision) | {"trail": entries}

    def masked(self, value: Json) -> Json:
        """Return a copy without secrets."""
        return mask_secrets(value, self.keys)

    def _parent(self, step: Step) -> Step | None:
        """Return the parent of a step on a fork, which may lie far behind; None when it is not stored any more."""
        return step_at(self.desk.checkpoints, self.thread_id, step.parent_id) if step.parent_id else None

    def _origin(self, step: Step) -> Json:
        """Return the step of another thread with which this one began; None for any step but a fork's first."""
        found = None if step.parent_id else origin_of(self.desk.checkpoints, self.thread_id, step.metadata)
        return found and asdict(found)

    def _step(self, step: Step, parent: Step | None, decisions: list[Decision]) -> dict[str, Json]:
        return {
            "checkpoint_id": step.checkpoint_id,
            "parent_id": step.parent_id,
            "parent_stored": parent is not None or not step.parent_id,
            "parent_step": parent.step if parent else None,
            "forked_from": self._origin(step),
            "step": step.step,
            "source": step.source,
            "created_at": time_text(step.created_at),
            "ran": list(ran(step, parent)),
            "next": list(dict.fromkeys(step.to_run)),
            "error": self.masked(step.error),
            "asked": [{"node": one.node, "payload": self._short(one.payload)} for one in step.interrupts],
            "changes": self._changes(step, parent),
            "state": self._state(dict(step.values)),
            "decisions": [one.id for one in decisions],
            "decided": [f"{self.masked(in_words(one))}: {one.outcome.value}" for one in decisions],
        }

    def _changes(self, step: Step, parent: Step | None) -> Json:
        if self.left <= 0 or (step.parent_id and not parent):
            return []
        found = differences(dict(parent.values) if parent else {}, dict(step.values))
        told: list[Json] = []
        for one in found[:MOST]:
            safe = mask_difference(one, self.keys)
            told.append({"place": safe.place, "how": safe.how, "said": safe.said})
        self.left -= len(json.dumps(told))
        return told + ([{"left_out": len(found) - MOST}] if len(found) > MOST else [])

    def _state(self, values: Json) -> Json:
        short = self._short(values) if self.left > 0 else {"left_out": "the report is long enough"}
        self.left -= len(json.dumps(short))
        return short

    def _short(self, value: Json) -> Json:
        """Return a value as it may be shown: masked, or only its size when it is long."""
        size = len(json.dumps(value))
        return self.masked(value) if size <= LONGEST else {"left_out": f"{size:,} characters"}

    def _decision(self, decision: Decision) -> dict[str, Json]:
        told = wire.lineage(decision)
        edits = [mask_difference(one, self.keys) for one in wire.edits(decision)]
        wrote = decision.wrote or {"writes": [], "complete": True}
        writes = [{"node": w["node"], "wrote": self._short({w["channel"]: _written(w)})} for w in wrote["writes"]]
        long = {name: self._short(told[name]) for name in ("answer", "resume", "proposed")}
        plain = {name: self.masked(told[name]) for name in ("title", "comment", "error")}
        return {
            **told,
            **long,
            **plain,
            "reviewer_source": decision.reviewer.source,
            "checkpoint_id": decision.checkpoint_id,
            "edits": [{"place": one.place, "how": one.how, "said": one.said} for one in edits],
            "shown": self._short(decision.shown),
            "wrote": writes,
            "wrote_all": wrote["complete"],
        }

    def _entry(self, entry: Entry) -> Json:
        """Return an entry of the trail; ``masked`` tells that its hash cannot be made from what is left of its body."""
        body = self._short(entry.body)
        return {
            "seq": entry.seq,
            "at": time_text(entry.at),
            "decision_id": entry.decision_id,
            "event": entry.event,
            "body": body,
            "masked": body != entry.body,
            "previous": entry.previous,
            "hash": entry.hash,
        }


def _written(write: Json) -> Json:
    return write["value"] if "value" in write else {"left_out": f"{write['omitted']:,} characters"}
