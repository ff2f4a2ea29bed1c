"""Settings: from flags, ``SIGNOFF_…`` variables, ``signoff.toml`` in the working folder, in this order."""

from __future__ import annotations

import getpass
import json
import os
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from signoff import settings_origins
from signoff.durations import LONGEST
from signoff.errors import SettingsInvalid
from signoff.server_access import ServerAccess, shown
from signoff.settings_tables import Api, FormRule, Masking, MetadataRule, Sla, TimeoutRule
from signoff.source_settings import SourceSettings, check_sources

_SQLITE = "sqlite:///"
_POSTGRES = ("postgresql://", "postgres://", "postgresql+psycopg://")


class Settings(BaseSettings):
    """What a desk needs to know. Variables are named like the fields: ``SIGNOFF_DB``, ``SIGNOFF_AS``.

    ``db``: checkpoint database, a path, ``sqlite:///path``, ``postgresql://…``, or an Agent Server's ``http(s)://…``.
    ``desk``: Signoff's own database, by default beside the checkpoint file, for several sources ``signoff.db`` in the
    working folder. ``graphs``: a ``langgraph.json``; ``graph``: any number of ``NAME=path.py:attribute``.
    ``stalled_after``: seconds without a write after which a thread that would go on counts as stalled.
    ``hosts``: the names under which browsers reach the dashboard, besides this machine's own, such as a proxy's.
    ``claim_minutes``: after so many minutes a claim expires. ``as``: the reviewer's name where nobody signs in.
    ``concurrency``: decisions applied at a time by one process. ``engine``: whether a dashboard applies decisions too;
    ``only``: the graphs whose decisions this process takes, all that it has by default (PostgreSQL desks); ``drain``:
    seconds that running nodes are given when the process is told to end. ``log``: ``text`` or ``json``, by default
    warnings alone. ``metrics_port``: where ``signoff work`` answers /metrics, /healthz and /livez.
    ``sources``: several checkpoint databases instead of one. It, ``forms``, ``timeouts``, ``metadata``, ``masking``,
    ``sla``, ``api`` and ``server`` are tables of ``signoff.toml``.
    """

    model_config = SettingsConfigDict(
        env_prefix="SIGNOFF_", env_ignore_empty=True, toml_file="signoff.toml", extra="forbid", frozen=True
    )

    db: str | None = None
    desk: str | None = None
    graphs: Path | None = None
    graph: Annotated[tuple[str, ...], NoDecode] = ()
    hosts: Annotated[tuple[str, ...], NoDecode] = ()
    reviewer: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)] = Field(
        default_factory=lambda: _login_name()  # noqa: PLW0108 - defined below
    )
    concurrency: int = Field(default=8, ge=1, le=64)
    engine: bool = True
    only: Annotated[tuple[str, ...], NoDecode] = ()
    drain: int = Field(default=10, ge=0)
    log: Literal["text", "json"] | None = None
    metrics_port: int | None = Field(default=None, ge=0, le=65535)
    stalled_after: float = Field(default=300, ge=1, le=LONGEST.total_seconds())
    claim_minutes: float = Field(default=30, gt=0, le=10_080)
    forms: tuple[FormRule, ...] = ()
    timeouts: tuple[TimeoutRule, ...] = ()
    metadata: tuple[MetadataRule, ...] = ()
    masking: Masking = Masking()
    sla: Sla = Sla()
    api: Api = Api()
    server: ServerAccess = ServerAccess()
    sources: tuple[SourceSettings, ...] = ()
    _origins: str = ""

    @property
    def origins(self) -> str:
        """Return from which variables or file comes what says what is read, in words; flags are left out."""
        return self._origins

    @model_validator(mode="after")
    def _one_or_several(self) -> Settings:
        given = {"db": self.db, "graphs": self.graphs, "graph": self.graph}
        check_sources(self.sources, others=[name for name, value in given.items() if value])
        return self

    @property
    def by_source(self) -> dict[str, Settings]:
        """Return the settings of each source as those of a desk that has it alone; one database has no name."""
        return {one.name: self.model_copy(update=one.alone) for one in self.sources} or {"": self}

    @property
    def plain_source(self) -> str | None:
        """Return the source whose threads keep their own ids, None where all carry the name of theirs."""
        return next((one.name for one in self.sources if one.default), None) if self.sources else ""

    @model_validator(mode="before")
    @classmethod
    def _accept_as(cls, given: Any) -> Any:
        """Take ``as`` for ``reviewer``; an alias would also read the variable AS, which compilers use."""
        if isinstance(given, dict) and "as" in given:
            return {"reviewer": given["as"], **{name: value for name, value in given.items() if name != "as"}}
        return given

    @field_validator("graph", "hosts", mode="before")
    @classmethod
    def _split(cls, given: Any) -> Any:
        """Take a JSON list, or words: SIGNOFF_GRAPH="a=a.py:graph b=b.py:graph"."""
        if not isinstance(given, str):
            return given
        return json.loads(given) if given.lstrip().startswith("[") else given.split()

    @field_validator("only", mode="before")
    @classmethod
    def _split_only(cls, given: Any) -> Any:
        """Take names with commas between them, or a list."""
        names = given.split(",") if isinstance(given, str) else given
        return tuple(stripped for name in names if (stripped := str(name).strip()))

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic-settings' signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic-settings' signature
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read flags first, then variables, then ``signoff.toml``."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def server_url(self) -> str | None:
        """Return the URL of the Agent Server that ``db`` names, None where it names something else."""
        return self.db if self.db and self.db.startswith(("http://", "https://")) else None

    @property
    def postgres_url(self) -> str | None:
        """Return the URL of the PostgreSQL database that ``db`` names, None where it names something else."""
        return self.db if self.db and self.db.startswith(_POSTGRES) else None

    @property
    def address(self) -> str:
        """Return where the checkpoints are, without a password. Raises `SettingsInvalid` when no database is named."""
        url = self.postgres_url or self.server_url
        return shown(url) if url else str(self.checkpoint_path)

    @property
    def checkpoint_path(self) -> Path:
        """Return the path of the checkpoint file. Raises `SettingsInvalid` when none is named."""
        if not self.db:
            raise SettingsInvalid(
                'No checkpoint database is named. Give --db PATH, set SIGNOFF_DB, or put db = "PATH" in signoff.toml. '
                "To look around first, run `signoff demo`."
            )
        if "://" in self.db and not self.db.startswith(_SQLITE):
            raise SettingsInvalid(
                f"{self.db.partition('://')[0]}:// is not supported here. Give a SQLite checkpoint file, a path or "
                "sqlite:///path, or postgresql://… with --desk."
            )
        return Path(self.db.removeprefix(_SQLITE)).expanduser()

    @property
    def desk_url(self) -> str:
        """Return the URL of Signoff's own database.

        By default ``<checkpoint file's name>.signoff.db`` beside the checkpoints, the schema ``signoff`` of the same
        PostgreSQL, or for a server ``<host>-<port>.signoff.db`` in the working folder.
        """
        if self.desk:
            return self.desk if "://" in self.desk else f"{_SQLITE}{Path(self.desk).expanduser().absolute()}"
        if self.sources:
            plain = self.plain_source
            return self.by_source[plain].desk_url if plain else f"{_SQLITE}{Path('signoff.db').absolute()}"
        if self.postgres_url:
            return self.postgres_url
        if self.server_url:
            return f"{_SQLITE}{Path(f'{_host(self.server_url)}.signoff.db').absolute()}"
        path = self.checkpoint_path.absolute()
        return f"{_SQLITE}{path.with_name(path.stem + '.signoff.db')}"


def read_settings(**flags: Any) -> Settings:
    """Return the settings; flags that are None or empty count as not given. Raises `SettingsInvalid`."""
    given = {name: value for name, value in flags.items() if value is not None and value not in ((), [])}
    named = {name for name, value in given.items() if not isinstance(value, dict)}  # a table is no flag
    if "as" not in given and os.environ.get("SIGNOFF_AS", "").strip():
        given["as"] = os.environ["SIGNOFF_AS"]
    if key := os.environ.get("SIGNOFF_SERVER_API_KEY", "").strip():
        given["server"] = {"api_key": key, **given.get("server", {})}
    try:
        settings = Settings(**given)
    except ValidationError as error:
        wrong = "; ".join(settings_origins.told(each, named) for each in error.errors())
        raise SettingsInvalid(f"The settings cannot be used. {wrong}.") from error
    except SettingsError as error:
        name = str(error).split('"')[1].upper()  # pydantic-settings 2.14 says … for field "name" from …
        raise SettingsInvalid(
            f"SIGNOFF_{name} is not JSON: {error.__cause__}. Correct it, or use signoff.toml."
        ) from error
    except ValueError as error:
        raise SettingsInvalid(f"signoff.toml cannot be read: {error}.") from error
    settings._origins = settings_origins.several((), settings.model_fields_set - given.keys())
    return settings


def _host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}-{parts.port}" if parts.port else str(parts.hostname)


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "reviewer"
