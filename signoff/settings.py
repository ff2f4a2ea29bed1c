"""Settings: from flags, ``SIGNOFF_…`` variables, ``signoff.toml`` in the working folder, in this order."""

from __future__ import annotations

import getpass
import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
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
    TomlConfigSettingsSource,
)

from signoff.durations import read_duration
from signoff.errors import SettingsInvalid
from signoff.reviews import Priority
from signoff.server_access import ServerAccess

_SQLITE = "sqlite:///"


class FormRule(BaseModel):
    """One ``[[forms]]`` of ``signoff.toml``: the form of the interrupts that fulfil all conditions given.

    ``schema`` (here ``answer``): the path of a JSON Schema, the schema itself, ``module:Model`` or ``file.py:Model``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    graph: str | None = None
    node: str | None = None
    match: dict[str, JsonValue] | None = None
    answer: dict[str, JsonValue] | Annotated[str, StringConstraints(min_length=1)] = Field(alias="schema")
    title: str = ""
    prefill: JsonValue = None
    override: bool = False


class GivenAnswer(BaseModel):
    """``then = {answer = …}``: the answer that is given when nobody decided."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    answer: JsonValue


class TimeoutRule(BaseModel):
    """One ``[[timeouts]]`` of ``signoff.toml``: what happens to the interrupts it is about when nobody decides in time.

    ``after`` counts from when the pause was first seen: seconds, ISO 8601 (``"PT2H"``) or words (``"2h 30min"``).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    graph: str | None = None
    node: str | None = None
    match: dict[str, JsonValue] | None = None
    after: timedelta
    then: Literal["escalate", "reject"] | GivenAnswer

    @field_validator("after", mode="before")
    @classmethod
    def _read_after(cls, given: Any) -> timedelta:
        return _span(given)


class MetadataRule(BaseModel):
    """One ``[[metadata]]`` of ``signoff.toml``: what is said of questions that fulfil all conditions given.

    It counts where payload and thread say nothing. ``due_in`` is a span of time as in ``[[timeouts]]``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    graph: str | None = None
    node: str | None = None
    match: dict[str, JsonValue] | None = None
    priority: Priority | None = None
    due_in: timedelta | None = None
    tags: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()

    @field_validator("due_in", mode="before")
    @classmethod
    def _read_due_in(cls, given: Any) -> timedelta:
        return _span(given)


class Masking(BaseModel):
    """``[masking]`` of ``signoff.toml``: ``keys`` whose values are not shown, besides those always masked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    keys: tuple[str, ...] = ()


class Sla(BaseModel):
    """``[sla]`` of ``signoff.toml``: how long a review may wait before the queue marks it, and marks it as late.

    Seconds, or ISO 8601 durations such as ``PT4H`` and ``P1D``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    warn_after: timedelta = Field(default=timedelta(hours=4), gt=timedelta(0))
    late_after: timedelta = Field(default=timedelta(hours=24), gt=timedelta(0))

    @model_validator(mode="after")
    def _warns_first(self) -> Sla:
        if self.warn_after > self.late_after:
            raise ValueError("warn_after must not be longer than late_after")
        return self


class ApiToken(BaseModel):
    """One ``[[api.tokens]]`` of ``signoff.toml``: a program that may use the API, and its token's sha256 in hex."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]{1,100}$")]
    sha256: Annotated[str, StringConstraints(to_lower=True, pattern=r"^[0-9a-f]{64}$")]


class Api(BaseModel):
    """``[api]`` of ``signoff.toml``: who may decide over HTTP, and how many requests each may send in a minute."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tokens: tuple[ApiToken, ...] = ()
    per_minute: int = Field(default=60, ge=1)

    @field_validator("tokens")
    @classmethod
    def _tell_apart(cls, tokens: tuple[ApiToken, ...]) -> tuple[ApiToken, ...]:
        if len({token.name for token in tokens}) < len(tokens):
            raise ValueError("every token needs a name of its own")
        return tokens


class Settings(BaseSettings):
    """What a desk needs to know. Variables are named like the fields: ``SIGNOFF_DB``, ``SIGNOFF_AS``.

    ``db``: checkpoint database, a path, ``sqlite:///path``, or the ``http(s)://`` URL of an Agent Server. ``desk``:
    Signoff's own database, by default beside the checkpoint file. ``graphs``: a ``langgraph.json``; ``graph``: any
    number of ``NAME=path.py:attribute``.
    ``stalled_after``: seconds without a write after which a thread that would go on counts as stalled.
    ``hosts``: the names under which browsers reach the dashboard, besides this machine's own, such as a proxy's.
    ``claim_minutes``: after so many minutes a claim expires. ``as``: the reviewer's name where nobody signs in.
    ``forms``, ``timeouts``, ``metadata``, ``masking``, ``sla``, ``api``, ``server``: tables of ``signoff.toml``.
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
    stalled_after: float = Field(default=300, ge=1)
    claim_minutes: float = Field(default=30, gt=0, le=10_080)
    forms: tuple[FormRule, ...] = ()
    timeouts: tuple[TimeoutRule, ...] = ()
    metadata: tuple[MetadataRule, ...] = ()
    masking: Masking = Masking()
    sla: Sla = Sla()
    api: Api = Api()
    server: ServerAccess = ServerAccess()

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
    def checkpoint_path(self) -> Path:
        """Return the path of the checkpoint file. Raises `SettingsInvalid` when none is named."""
        if not self.db:
            raise SettingsInvalid(
                'No checkpoint database is named. Give --db PATH, set SIGNOFF_DB, or put db = "PATH" in signoff.toml. '
                "To look around first, run `signoff demo`."
            )
        if "://" in self.db and not self.db.startswith(_SQLITE):
            raise SettingsInvalid(
                f"{self.db.partition('://')[0]}:// is not supported yet. Give a SQLite checkpoint file: a path or sqlite:///path."
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
        scheme = (self.db or "").partition("://")[0]
        if scheme in ("postgres", "postgresql"):
            return str(self.db)
        if self.server_url:
            return f"{_SQLITE}{Path(f'{_host(self.server_url)}.signoff.db').absolute()}"
        path = self.checkpoint_path.absolute()
        return f"{_SQLITE}{path.with_name(path.stem + '.signoff.db')}"


def read_settings(**flags: Any) -> Settings:
    """Return the settings; flags that are None or empty count as not given. Raises `SettingsInvalid`."""
    given = {name: value for name, value in flags.items() if value is not None and value not in ((), [])}
    if "as" not in given and os.environ.get("SIGNOFF_AS", "").strip():
        given["as"] = os.environ["SIGNOFF_AS"]
    if key := os.environ.get("SIGNOFF_SERVER_API_KEY", "").strip():
        given["server"] = {"api_key": key, **given.get("server", {})}
    try:
        return Settings(**given)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise SettingsInvalid(
            f"The settings cannot be used: {wrong}. Check the flags, SIGNOFF_… and signoff.toml."
        ) from error
    except ValueError as error:
        raise SettingsInvalid(f"signoff.toml cannot be read: {error}.") from error


def _host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}-{parts.port}" if parts.port else str(parts.hostname)


def _span(given: Any) -> timedelta:
    if (span := read_duration(given)) is None:
        raise ValueError('give a span of time: seconds, "PT2H" or "2h 30min", at most a hundred years')
    return span


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "reviewer"
