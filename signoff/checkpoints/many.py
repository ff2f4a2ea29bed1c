"""Several sources as one: what is asked about a thread goes to the source that its id names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from itertools import chain
from typing import Any

from signoff.checkpoints import Changes, Checkpoints, Head, Step, Task, Trace
from signoff.checkpoints.source import Source
from signoff.checkpoints.strand import Strand
from signoff.errors import SourceUnknown
from signoff.reviews import Json
from signoff.sources import ONE, Sources


class Many:
    """The checkpoint databases of a desk, by thread ids as `Sources` joins them.

    Nothing is concluded from a source that does not answer: it raises `SourceUnavailable`, as each source does by
    itself. A scan goes through the ``parts`` one by one, so that one does not hide the others. Raises `SourceUnknown`
    for a thread of a source that is not configured, but never calls such a thread missing.
    """

    def __init__(self, sources: Sources, parts: Sequence[Source]) -> None:
        self.sources = sources
        self.parts: Mapping[str, Source] = {part.source: part for part in parts}
        self.name = ", ".join(part.name for part in parts)

    @property
    def limits(self) -> tuple[str, ...]:
        """Return what the sources cannot do, in words."""
        return tuple(f"{name}: {limit}" for name, part in self.parts.items() for limit in part.limits)

    def part(self, thread_id: str) -> Source:
        """Return the source of a thread. Raises `SourceUnknown`."""
        source = self.sources.of(thread_id)
        if source not in self.parts:
            raise SourceUnknown(thread_id, source)
        return self.parts[source]

    def changes(self, since: Json | None) -> Changes:
        """Return what changed in any source; the cursor is an object with one for each."""
        found = {name: part.changes((since or {}).get(name)) for name, part in self.parts.items()}
        changed = [each.thread_ids for each in found.values()]
        known = [threads for threads in changed if threads is not None]
        return Changes(
            cursor={name: each.cursor for name, each in found.items()},
            thread_ids=tuple(chain.from_iterable(known)) if len(known) == len(changed) else None,
            deletions_possible=any(each.deletions_possible for each in found.values()),
            deletions_likely=any(each.deletions_likely for each in found.values()),
        )

    def heads(self, thread_ids: Sequence[str] | None = None) -> Iterator[Head]:
        """Yield heads source by source, those of each by thread id."""
        if thread_ids is None:
            for part in self.parts.values():
                yield from part.heads()
            return
        for threads in self._by_source(thread_ids).values():
            yield from self.part(threads[0]).heads(threads)

    def missing(self, thread_ids: Sequence[str]) -> frozenset[str]:
        """Return those of the given threads that have no checkpoint any more in their source."""
        asked = self._by_source(thread_ids).items()
        found = (self.parts[source].missing(threads) for source, threads in asked if source in self.parts)
        return frozenset(chain.from_iterable(found))

    def asking(self, thread_id: str, interrupt_id: str) -> Task | None:
        """See `Checkpoints`."""
        return self.part(thread_id).asking(thread_id, interrupt_id)

    def answers_to(self, thread_id: str, interrupt_id: str) -> tuple[Json, ...]:
        """See `Checkpoints`."""
        return self.part(thread_id).answers_to(thread_id, interrupt_id)

    def runs_of(self, thread_id: str, key: str, value: str) -> str | None:
        """See `Checkpoints`."""
        return self.part(thread_id).runs_of(thread_id, key, value)

    def newest(self, thread_id: str) -> str:
        """See `Checkpoints`."""
        return self.part(thread_id).newest(thread_id)

    def steps(self, thread_id: str, *, limit: int, before: str | None = None) -> tuple[Step, ...]:
        """See `Checkpoints`."""
        return self.part(thread_id).steps(thread_id, limit=limit, before=before)

    def traces(self, thread_id: str, *, limit: int, before: str | None = None, channel: str = "") -> tuple[Trace, ...]:
        """See `Checkpoints`."""
        return self.part(thread_id).traces(thread_id, limit=limit, before=before, channel=channel)

    def strand(self, thread_id: str, namespace: str = "") -> Strand:
        """See `Checkpoints`."""
        return self.part(thread_id).strand(thread_id, namespace)

    def lock(self, thread_id: str) -> AbstractContextManager[Any]:
        """See `Checkpoints`."""
        return self.part(thread_id).lock(thread_id)

    def busy(self, thread_id: str) -> bool:
        """See `Checkpoints`."""
        return self.part(thread_id).busy(thread_id)

    def saver(self) -> AbstractAsyncContextManager[Any]:
        """Raise `TypeError`: a run is of one source, whose own saver knows its threads (`Source.inner`)."""
        raise TypeError("Each source has a saver of its own; `ManyAppliers` runs graphs with those.")

    def listen(self, wake: Callable[[], None]) -> None:
        """See `Waking`: whichever source has something to say wakes all."""
        for part in self.parts.values():
            part.listen(wake)

    def close(self) -> None:
        """Release the connections of all sources."""
        for part in self.parts.values():
            part.close()

    def _by_source(self, thread_ids: Sequence[str]) -> Mapping[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for thread in thread_ids:
            found[self.sources.of(thread)].append(thread)
        return found


def sources_of(checkpoints: Checkpoints) -> Sources:
    """Return the sources of which checkpoints are made up."""
    return checkpoints.sources if isinstance(checkpoints, Many) else ONE
