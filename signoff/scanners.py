"""The scanners of several sources: each reads at its own pace, and one that cannot read stops no other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from signoff.checkpoints import Checkpoints, Head
from signoff.checkpoints.many import Many
from signoff.database import Database
from signoff.errors import SourceUnavailable, SourceUnknown
from signoff.graphs.known import KnownGraphs
from signoff.projection import Waiting
from signoff.scanner import Scanner
from signoff.sources import Sources


class Scanners:
    """One scanner for each source by name, asked as if they were one. Raises `SourceUnavailable`, `SourceUnknown`.

    The queue keeps what was last seen of a source that does not answer; since when and why is on record.
    """

    def __init__(self, scanners: Mapping[str, Scanner], sources: Sources, database: Database) -> None:
        self._scanners, self._sources, self._database = dict(scanners), sources, database

    def scan(self) -> bool:
        """Scan every source; return whether the queue changed. Raises only when no source answers."""
        changed, failed = False, []
        for name in self._scanners:
            try:
                changed |= self.scan_one(name)
            except SourceUnavailable as error:
                failed.append(error)
        if len(failed) == len(self._scanners):
            raise failed[0]
        return changed

    def scan_one(self, source: str) -> bool:
        """Scan one source, and note whether it answers; return whether the queue changed."""
        try:
            changed = self._scanners[source].scan()
        except SourceUnavailable as error:
            self._database.sources.fails(source, error.why)
            raise
        self._database.sources.answers(source)
        return changed

    @property
    def scans(self) -> Sequence[Callable[[], bool]]:
        """Return what brings the queue up to date, source by source."""
        return tuple(partial(self.scan_one, name) for name in self._scanners)

    def look(self, thread_ids: Sequence[str]) -> bool:
        """Read these threads now; return whether the queue changed. Those of an unknown source stay as they are."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for thread in thread_ids:
            found[self._sources.of(thread)].append(thread)
        known = [(source, threads) for source, threads in found.items() if source in self._scanners]
        return any([self._scanners[source].look(threads) for source, threads in known])

    def rebuild(self) -> None:
        """Throw the queue away and read it anew. Raises, before anything is thrown away, where a source is silent."""
        for scanner in self._scanners.values():
            scanner.scan()
        self._database.reviews.clear()
        self._database.scans.forget()
        self.scan()

    def waiting(self, thread_id: str, chosen: dict[str, str] | None = None) -> tuple[Head, tuple[Waiting, ...]]:
        """Return where a thread stands this moment and what it waits for. Raises `ThreadNotFound`."""
        return self._of(thread_id).waiting(thread_id, chosen)

    def graph_of(self, head: Head, chosen: dict[str, str] | None = None) -> tuple[str | None, tuple[str, ...]]:
        """Return the thread's graph, or None and the graphs of its source that it may belong to."""
        return self._of(head.thread_id).graph_of(head, chosen)

    def _of(self, thread_id: str) -> Scanner:
        source = self._sources.of(thread_id)
        if source not in self._scanners:
            raise SourceUnknown(thread_id, source)
        return self._scanners[source]


def scanner_of(
    checkpoints: Checkpoints, database: Database, graphs: KnownGraphs, *rules: Any, **settings: Any
) -> Scanner | Scanners:
    """Return what reads these checkpoints; ``rules`` and ``settings`` are those of a `Scanner`."""
    if not isinstance(checkpoints, Many):
        return Scanner(checkpoints, database, graphs, *rules, **settings)
    sources, parts = checkpoints.sources, checkpoints.parts
    made = {
        name: Scanner(part, database, graphs, *rules, **settings, source=name, sources=sources)
        for name, part in parts.items()
    }
    return Scanners(made, sources, database)
