"""Several sources on one desk: which of them a thread or a graph belongs to, told by its id. Pure.

An id on the desk is ``SOURCE/ID``, split at the first slash; what stands behind it is the id that the source knows. One
source may be plain: its ids stay as they are, so that a desk which began with it keeps its record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final


@dataclass(frozen=True, kw_only=True)
class Sources:
    """The sources of a desk by name; a desk over one database has one, without a name.

    ``plain`` is the one whose ids stay as they are, None where all carry a name. ``gone`` names those that the desk had
    once: their reviews are on record, so their ids are never taken for those of another source. Of ``forgotten`` ones
    nothing else is left, and the plain source's ids stay as they were made beside them.
    """

    names: tuple[str, ...] = ("",)
    plain: str | None = ""
    gone: tuple[str, ...] = ()
    forgotten: tuple[str, ...] = ()

    @property
    def several(self) -> bool:
        """Whether there is more than one to tell apart."""
        return len(self.names) + len(self.gone) > 1

    def split(self, there: str) -> tuple[str, str]:
        """Return the source of an id on the desk, and the id that this source knows.

        The source is an empty text where no source is plain and the id carries no name.
        """
        head, slash, rest = there.partition("/")
        if slash and head in self._carried:
            return head, rest
        if slash and not head and self._carried:
            return self.plain or "", rest
        return self.plain or "", there

    def join(self, source: str, own: str) -> str:
        """Return the id on the desk of what a source knows as ``own``; `split` takes it apart again.

        An id of the plain source that looks like one of another source has a slash in front.
        """
        if source != self.plain:
            return f"{source}/{own}"
        return own if self.split(own) == (source, own) else f"/{own}"

    def beside(self, there: str, named: str) -> str:
        """Return the id on the desk of a thread in the same source as another, by either of the names it has there."""
        source = self.of(there)
        return named if self.of(named) == source else self.join(source, named)

    def of(self, there: str) -> str:
        """Return the source of an id on the desk."""
        return self.split(there)[0]

    def own(self, there: str) -> str:
        """Return the id that the source of an id on the desk knows."""
        return self.split(there)[1]

    def spread(self, rules: Sequence[Any]) -> list[Any]:
        """Return rules such that one on a graph's own name is about the graphs of that name in every source.

        ``rules`` are dataclasses with a ``graph``, which may name a source's graph as ``SOURCE/GRAPH``, or be None.
        """
        found: list[Any] = []
        for rule in rules:
            everywhere = rule.graph is None or self.of(rule.graph) != (self.plain or "")
            graphs = [rule.graph] if everywhere else [self.join(name, rule.graph) for name in self.names]
            found += [replace(rule, graph=graph) for graph in graphs]
        return found

    @property
    def _carried(self) -> frozenset[str]:
        """Return the names that ids carry."""
        return frozenset((*self.names, *self.gone, *self.forgotten)) - {self.plain, ""}


ONE: Final = Sources()
"""A desk over one database."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a source stands. ``since`` and ``problem`` say when it stopped to answer and why, None while it answers.

    ``address`` is where it is, empty for one that is ``gone``: not configured any more; ``open`` counts open reviews.
    """

    name: str
    address: str
    open: int
    since: datetime | None = None
    problem: str | None = None
    gone: bool = False
