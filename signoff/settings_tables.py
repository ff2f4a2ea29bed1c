"""The tables of ``signoff.toml``: rules of the house, and how programs are let in."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, field_validator, model_validator

from signoff.durations import read_duration
from signoff.reviews import Priority


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


def _span(given: Any) -> timedelta:
    if (span := read_duration(given)) is None:
        raise ValueError('give a span of time: seconds, "PT2H" or "2h 30min", at most a hundred years')
    return span
