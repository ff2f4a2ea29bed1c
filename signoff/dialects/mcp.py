"""MCP elicitation: a server asks the user for a few flat fields, or for consent to open a page (revision 2025-11-25).

Answered with ``{"action": "accept", "content": {…}}``, ``{"action": "decline"}`` or ``{"action": "cancel"}``.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from signoff.dialects.card import Asked, Card
from signoff.dialects.shapes import branch, embedded, one_of, says_a_shape
from signoff.dialects.wording import headline
from signoff.reviews import Json
from signoff.verdicts import Judgement, Verdict

METHOD: Final = "elicitation/create"
FORM_NOTE: Final = "Asked by an MCP server. Do not enter passwords or other secrets."
URL_NOTE: Final = "Asked by an MCP server: accepting only agrees that the page at {host} may be opened."


def recognise(asked: Asked) -> Card | None:
    """Return the card of an elicitation request, bare or wrapped as a JSON-RPC call, or None."""
    request = _request(asked.value)
    if request is None:
        return None
    title, body = headline(Asked(value=request, node=asked.node), ("message",))
    by_url = request.get("mode") == "url"
    return Card(
        dialect="mcp",
        title=title,
        body={k: v for k, v in body.items() if k not in ("mode", "requestedSchema")} or "",
        schema=_answers({} if by_url else {"content": _content(request["requestedSchema"])}),
        declared=True,
        note=URL_NOTE.format(host=_host(request["url"])) if by_url else FORM_NOTE,
        judge=_judged,
    )


def _judged(resume: Json) -> Judgement:
    """Return what an answer says: what is entered into the form of a server is an answer, consent alone a yes."""
    action = resume.get("action") if isinstance(resume, dict) else None
    if action in ("decline", "cancel"):
        return Judgement(verdict=Verdict.REJECTED)
    consent = action == "accept" and not resume.get("content")
    return Judgement(verdict=Verdict.APPROVED if consent else Verdict.ANSWERED)


def _request(value: Json) -> dict[str, Json] | None:
    if isinstance(value, dict) and value.get("method") == METHOD:
        value = value.get("params")
    if not isinstance(value, dict) or not isinstance(value.get("message"), str):
        return None
    by_url = value.get("mode") == "url" and isinstance(value.get("url"), str)
    return dict(value) if by_url or says_a_shape(value.get("requestedSchema")) else None


def _answers(accepted: dict[str, Json]) -> dict[str, Json]:
    return one_of(
        "action",
        [
            branch("Accept", "action", "accept", accepted, required=list(accepted)),
            branch("Decline", "action", "decline", {}, required=()),
            branch("Cancel", "action", "cancel", {}, required=()),
        ],
    )


def _content(schema: dict[str, Json]) -> dict[str, Json]:
    """Return the requested schema with legacy ``enumNames`` (before 2025-11-25) written as titled constants."""
    fields = schema.get("properties")
    if not isinstance(fields, dict):
        return embedded(schema, "content")
    return embedded({**schema, "properties": {name: _named(field) for name, field in fields.items()}}, "content")


def _named(field: Json) -> Json:
    names, values = (field.get("enumNames"), field.get("enum")) if isinstance(field, dict) else (None, None)
    if not isinstance(names, list) or not isinstance(values, list) or len(names) != len(values):
        return field
    labelled = [{"const": value, "title": str(name)} for value, name in zip(values, names, strict=True)]
    return {key: item for key, item in field.items() if key not in ("enum", "enumNames")} | {"oneOf": labelled}


def _host(url: str) -> str:
    """Return the host of a URL as the reviewer must see it; the whole text where there is none."""
    try:
        return urlsplit(url).hostname or url
    except ValueError:
        return url
