"""What a reviewer is shown for one payload, and how their answer becomes the value the graph expects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from signoff.reviews import ABSENT, Absent, Json
from signoff.verdicts import Call, Judgement, read_verdict


def same(answer: Json) -> Json:
    """Return the answer as it is: the resume value of every dialect that wraps nothing."""
    return answer


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a graph asked, as a dialect gets to see it: the payload as plain JSON and where it came from."""

    value: Json
    response_schema: Json | None = None
    node: str = ""
    graph: str | None = None


@dataclass(frozen=True, kw_only=True)
class Card:
    """One payload, understood.

    ``title`` is plain text on one line. ``body`` is what to show above the form: text, or JSON to be drawn as facts.
    ``schema`` is a JSON Schema of the answer and ``prefill`` the answer to begin with (`ABSENT` for none).
    ``declared`` tells that the graph (or the protocol it speaks) asks for exactly this; otherwise the schema is
    Signoff's suggestion and any JSON value may be sent. ``resume`` turns an answer into the value handed to the graph.

    ``contract`` is given where the form is narrower than what the graph takes: types guessed from proposed arguments,
    or a resume value pasted whole. Check answers against `enforced`.

    ``tool`` names the one tool call that the answer decides on. ``judge`` says of a resume value, whatever its shape,
    whether it is a yes or a no, where the dialect knows better than `read_verdict`. It never raises.
    """

    dialect: str
    title: str
    body: Json
    schema: Json
    prefill: Json | Absent = ABSENT
    declared: bool = False
    resume: Callable[[Json], Json] = same
    note: str = ""
    contract: Json | None = None
    tool: str = ""
    judge: Callable[[Json], Judgement] | None = None

    @property
    def enforced(self) -> Json:
        """The JSON Schema an answer must satisfy: ``contract`` or ``schema``, anything where nothing is declared."""
        if not self.declared:
            return True
        return self.schema if self.contract is None else self.contract

    def judged(self, resume: Json) -> Judgement:
        """Return what a resume value says to what was asked."""
        if self.judge:
            return self.judge(resume)
        verdict = read_verdict(resume, proposed=self.prefill, schema=self.schema)
        return Judgement(verdict=verdict, calls=(Call(tool=self.tool, verdict=verdict),) if self.tool else ())
