"""One of several sources, seen from the desk: its threads carry its name, and its troubles say whose they are."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from signoff.checkpoints import Changes, Checkpoints, Head, Step, Task, Trace, Waking
from signoff.checkpoints.strand import Strand
from signoff.errors import BackendUnavailable, SourceUnavailable
from signoff.reviews import Json
from signoff.sources import Sources


class Source:
    """A checkpoint database whose thread ids are those of the desk (`Sources.join`).

    It is opened when it is first needed, and again after each failure to open it: a source that is down when the desk
    starts keeps nothing else from starting. Raises `SourceUnavailable`.
    """

    def __init__(self, name: str, sources: Sources, address: str, opener: Callable[[], Checkpoints]) -> None:
        self.source, self.address = name, address
        self.name = f"{name} ({address})" if name else address
        self._sources, self._opener = sources, opener
        self._opening = threading.Lock()
        self._opened: Checkpoints | None = None
        self._wake: Callable[[], None] | None = None

    def listen(self, wake: Callable[[], None]) -> None:
        """See `Waking`; heard from the moment on at which the source is opened."""
        with self._opening:
            self._wake = wake
            if isinstance(self._opened, Waking):
                self._opened.listen(wake)

    @property
    def limits(self) -> tuple[str, ...]:
        """Return what the back end cannot do, as far as it was opened."""
        return tuple(getattr(self._opened, "limits", ()))

    @property
    def inner(self) -> Checkpoints:
        """Return the back end itself, which knows its threads by their own ids."""
        with self._named():
            return self._back_end()

    def changes(self, since: Json | None) -> Changes:
        """See `Checkpoints`."""
        with self._named():
            found = self._back_end().changes(since)
        threads = None if found.thread_ids is None else tuple(self._there(thread) for thread in found.thread_ids)
        return replace(found, thread_ids=threads, tips=partial(self._tips, found.tips) if found.tips else None)

    def _tips(self, tips: Callable[[], Mapping[str, str]]) -> dict[str, str]:
        with self._named():
            return {self._there(thread): checkpoint for thread, checkpoint in tips().items()}

    def heads(self, thread_ids: Sequence[str] | None = None) -> Iterator[Head]:
        """See `Checkpoints`."""
        own = None if thread_ids is None else [self._own(thread) for thread in thread_ids]
        with self._named():
            for head in self._back_end().heads(own):
                yield replace(head, thread_id=self._there(head.thread_id))

    def missing(self, thread_ids: Sequence[str]) -> frozenset[str]:
        """See `Checkpoints`."""
        with self._named():
            gone = self._back_end().missing([self._own(thread) for thread in thread_ids])
        return frozenset(self._there(thread) for thread in gone)

    def asking(self, thread_id: str, interrupt_id: str) -> Task | None:
        """See `Checkpoints`."""
        with self._named():
            return self._back_end().asking(self._own(thread_id), interrupt_id)

    def answers_to(self, thread_id: str, interrupt_id: str) -> tuple[Json, ...]:
        """See `Checkpoints`."""
        with self._named():
            return self._back_end().answers_to(self._own(thread_id), interrupt_id)

    def runs_of(self, thread_id: str, key: str, value: str) -> str | None:
        """See `Checkpoints`."""
        with self._named():
            return self._back_end().runs_of(self._own(thread_id), key, value)

    def newest(self, thread_id: str) -> str:
        """See `Checkpoints`."""
        with self._named():
            return self._back_end().newest(self._own(thread_id))

    def steps(self, thread_id: str, *, limit: int, before: str | None = None) -> tuple[Step, ...]:
        """See `Checkpoints`."""
        with self._named():
            return self._back_end().steps(self._own(thread_id), limit=limit, before=before)

    def traces(self, thread_id: str, *, limit: int, before: str | None = None, channel: str = "") -> tuple[Trace, ...]:
        """See `Checkpoints`."""
        with self._named():
            return self._back_end().traces(self._own(thread_id), limit=limit, before=before, channel=channel)

    def strand(self, thread_id: str, namespace: str = "") -> Strand:
        """See `Checkpoints`; the strand knows the thread by its own id."""
        with self._named():
            return self._back_end().strand(self._own(thread_id), namespace)

    def lock(self, thread_id: str) -> AbstractContextManager[Any]:
        """See `Checkpoints`."""
        with self._named():
            return self._back_end().lock(self._own(thread_id))

    def busy(self, thread_id: str) -> bool:
        """See `Checkpoints`."""
        with self._named():
            return self._back_end().busy(self._own(thread_id))

    def saver(self) -> AbstractAsyncContextManager[Any]:
        """See `Checkpoints`; the saver knows threads by their own ids."""
        with self._named():
            return self._back_end().saver()

    def close(self) -> None:
        """See `Checkpoints`."""
        with self._opening:
            if self._opened is not None:
                self._opened.close()
            self._opened = None

    def _back_end(self) -> Checkpoints:
        with self._opening:
            if self._opened is None:
                self._opened = self._opener()
                if self._wake and isinstance(self._opened, Waking):
                    self._opened.listen(self._wake)
            return self._opened

    def _own(self, thread_id: str) -> str:
        return self._sources.own(thread_id)

    def _there(self, own: str) -> str:
        return self._sources.join(self.source, own)

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except SourceUnavailable:
            raise
        except BackendUnavailable as error:
            raise SourceUnavailable(self.source, str(error)) from error
