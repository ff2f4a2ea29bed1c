"""AG-UI: the payload itself carries the schema of its answer (``responseSchema``), as the LangGraph bridge reads it.

Only the resume payload reaches the node. A cancelled question reaches it as ``{"__agui_cancelled__": true, …}``, which
may be sent as JSON. An ``editedArgs`` field in the schema means that the proposed arguments may be replaced.
"""

from __future__ import annotations

import copy
from typing import Final

from signoff.dialects.card import Asked, Card
from signoff.dialects.proposal import proposal
from signoff.dialects.shapes import embedded, fields, says_a_shape
from signoff.dialects.wording import headline
from signoff.reviews import Absent, Json
from signoff.verdicts import Judgement, Verdict, read_verdict

SCHEMA_KEYS: Final = ("responseSchema", "response_schema")
ARGS_KEYS: Final = ("args", "arguments", "toolArgs", "tool_args", "input")
CANCELLED: Final = fields({"__agui_cancelled__": {"const": True}}, required=["__agui_cancelled__"])


def recognise(asked: Asked) -> Card | None:
    """Return the card of a payload that carries its response schema, or None."""
    value = asked.value
    if not isinstance(value, dict):
        return None
    key = next((key for key in SCHEMA_KEYS if says_a_shape(value.get(key))), None)
    if key is None:
        return None
    schema, prefill = _with_arguments(value[key], value), proposal(value, value[key])
    title, body = headline(asked, ("message", "question", "title", "description", "reason"))
    return Card(
        dialect="agui",
        title=title,
        body={k: v for k, v in body.items() if k != key} or "",
        schema=schema,
        contract={"anyOf": [embedded(value[key], "answer"), CANCELLED]},
        prefill=prefill,
        declared=True,
        judge=lambda resume: _judged(resume, prefill, schema),
    )


def _judged(resume: Json, prefill: Json | Absent, schema: Json) -> Judgement:
    if isinstance(resume, dict) and resume.get("__agui_cancelled__") is True:
        return Judgement(verdict=Verdict.REJECTED)
    return Judgement(verdict=read_verdict(resume, proposed=prefill, schema=schema))


def _with_arguments(schema: dict[str, Json], value: dict[str, Json]) -> dict[str, Json]:
    """Return the schema with the proposed arguments as what an edit begins with."""
    sources = [value, *(value.get(key) for key in ("metadata", "toolCall", "tool_call"))]
    found = (one.get(key) for one in sources if isinstance(one, dict) for key in ARGS_KEYS)
    args = next((one for one in found if isinstance(one, dict)), None)
    edited = schema["properties"].get("editedArgs") if isinstance(schema.get("properties"), dict) else None
    if args is None or not isinstance(edited, dict) or "default" in edited:
        return schema
    drawn = copy.deepcopy(schema)
    drawn["properties"]["editedArgs"]["default"] = args
    return drawn
