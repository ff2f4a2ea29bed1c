"""Carrying out a plan in a thread of its own: a tab that is closed meanwhile, or drawn again, stops nothing."""

from __future__ import annotations

from dataclasses import replace
from threading import Thread

from signoff import bulk
from signoff.bulk import Item, Plan
from signoff.decisions import Reviewer
from signoff.desk import Desk

_ENDED = "Sending ended before it was its turn; nothing was sent. Select it again."


class Sending:
    """A plan that is being carried out; ``items`` grows as answers are recorded, in the order of the plan."""

    def __init__(self, desk: Desk, plan: Plan, *, reviewer: Reviewer, comment: str) -> None:
        """Begin. Raises `CommentMissing` before anything is recorded."""
        self.plan = plan
        self.items: list[Item] = []
        self._left = bulk.carry_out(desk, plan, reviewer=reviewer, comment=comment)
        self._thread = Thread(target=self._run, name="signoff-bulk", daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether nothing more will be recorded."""
        return not self._thread.is_alive()

    @property
    def told(self) -> tuple[Item, ...]:
        """Return what became of each item so far; where sending has ended early, what was not come to says so."""
        done, told = self.done, tuple(self.items)  # in this order: nothing comes behind the last item
        if not done:
            return told
        return told + tuple(replace(item, left_out=item.left_out or _ENDED) for item in self.plan.items[len(told) :])

    def wait(self) -> None:
        """Return when nothing more will be recorded."""
        self._thread.join()

    def _run(self) -> None:
        for item in self._left:
            self.items.append(item)
