"""One ``[[sources]]`` of ``signoff.toml``: a checkpoint database or server among several, with its graphs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, field_validator

from signoff.server_access import ServerAccess


class SourceSettings(BaseModel):
    """What a desk needs to know of one source; ``db``, ``graphs`` and ``graph`` as where there is but one.

    ``name`` stands in the ids of its threads. With ``default`` it does not: the source of a desk that began with it
    alone keeps the ids that are on record. ``server`` is as ``[server]``, which counts where it is not given.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(max_length=40)]
    db: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    graphs: Path | None = None
    graph: tuple[str, ...] = ()
    default: bool = False
    server: ServerAccess | None = None

    @property
    def alone(self) -> dict[str, Any]:
        """Return what is to be set of the settings of a desk that has this source alone."""
        said = {"db": self.db, "graphs": self.graphs, "graph": self.graph, "sources": ()}
        return said | ({"server": self.server} if self.server else {})

    @field_validator("name")
    @classmethod
    def _plain_letters(cls, name: str) -> str:
        if not name or not set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-"):
            raise ValueError(f"{name!r} is no name of a source: use small letters, digits and hyphens")
        return name


def check_sources(sources: Sequence[SourceSettings], *, others: Sequence[str]) -> None:
    """Raise ValueError where the sources cannot be told apart, or when ``others`` say where checkpoints are, too."""
    if sources and others:
        raise ValueError(
            f"{' and '.join(others)} and [[sources]] both say what to read; put db, graphs and graph "
            "into a [[sources]] of their own, or take the [[sources]] away"
        )
    names = [source.name for source in sources]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"two sources are named {twice[0]!r}; give each a name of its own")
    places = [_place(source.db) for source in sources]
    if twice := sorted({place for place in places if places.count(place) > 1}):
        named = " and ".join(source.name for source in sources if _place(source.db) == twice[0])
        raise ValueError(f"the sources {named} are one database, so each question would be asked twice; take one away")
    if sum(source.default for source in sources) > 1:
        raise ValueError("default = true stands at more than one source; at most one keeps its threads' own ids")


def _place(db: str) -> str:
    path = db.removeprefix("sqlite:///")
    return path.rstrip("/") if "://" in path else str(Path(path).expanduser().resolve())
