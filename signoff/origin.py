"""Where a thread comes from that was forked, as the metadata of its checkpoints tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from signoff.checkpoints import Checkpoints
from signoff.checkpoints.many import sources_of
from signoff.reviews import Json
from signoff.run_config import FORKED_AT, FORKED_FROM
from signoff.storable import find_unstorable


@dataclass(frozen=True, kw_only=True)
class Origin:
    """The step of another thread that a thread was forked from; ``step`` is its number, None where it is gone."""

    thread_id: str
    checkpoint_id: str
    step: int | None

    @property
    def words(self) -> str:
        """Return where the thread comes from in a few words."""
        step = "a step" if self.step is None else f"step {self.step}"
        return f"Forked from {step} of thread {self.thread_id}"


def origin_of(checkpoints: Checkpoints, thread_id: str, metadata: Mapping[str, Json]) -> Origin | None:
    """Return where a thread was forked from; None where this metadata, of one of its checkpoints, does not say so."""
    own, at = metadata.get(FORKED_FROM), metadata.get(FORKED_AT)
    if not (isinstance(own, str) and isinstance(at, str)) or any(find_unstorable([own, at])):
        return None
    sources = sources_of(checkpoints)
    there = sources.join(sources.of(thread_id), own)
    found = checkpoints.traces(there, limit=1, before=f"{at}~")
    step = found[0].step if found and found[0].checkpoint_id == at else None
    return Origin(thread_id=there, checkpoint_id=at, step=step)
