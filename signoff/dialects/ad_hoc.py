"""Ad-hoc dicts: what people write by hand, ``interrupt({"question": …, "details": …})``, with no contract at all.

The rules guess the answer from the payload's keys and words (PAYLOADS section 10), most telling first; each yields the
likely answers, most probable first. The reviewer may always send any other JSON.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from signoff.dialects.card import Asked, Card
from signoff.dialects.clues import TOOL_KEYS, Clues, read_clues
from signoff.dialects.proposal import proposal
from signoff.dialects.shapes import any_of, fields, infer, says_a_shape
from signoff.dialects.suggestions import (
    APPROVAL,
    GUESS,
    TEXT,
    TRUTH,
    VERDICT,
    YES_NO,
    edited,
    picked,
    tool_review,
    wants_words_yes_no,
    yes_or_no,
)
from signoff.dialects.wording import fallback_title, headline, review_of
from signoff.reviews import ABSENT, Absent, Json

SCHEMA_KEYS: Final = ("schema", "json_schema", "requestedSchema", "input_schema", "form")
BY_TRUTH: Final = ({"question", "details"}, {"question", "llm_output"}, {"question", "llmOutput"})
"""The payloads of LangGraph's own approval examples, whose code tests the answer itself: ``if is_approved:``."""


def recognise(asked: Asked) -> Card | None:
    """Return the card of any dict that is not empty, or None."""
    if not isinstance(asked.value, dict) or not asked.value:
        return None
    title, body = headline(asked)
    if key := next((key for key in SCHEMA_KEYS if says_a_shape(asked.value.get(key))), None):
        return _with_schema(asked, title, body, key)
    clues = read_clues(asked.value)
    variants = next(suggest(clues) for fits, suggest in RULES if fits(clues))
    return Card(
        dialect="ad_hoc",
        title=review_of(clues.tool) if clues.tool and title == fallback_title(asked) else title,
        body=body,
        schema=any_of(variants),
        prefill=_begun(variants[0]),
        note=TRUTH if YES_NO in variants else GUESS,
        tool=clues.tool if clues.args is not None else "",
    )


def _with_schema(asked: Asked, title: str, body: Json, key: str) -> Card:
    """Return the card of a payload that carries a schema under a key which no protocol defines."""
    shown = {name: item for name, item in body.items() if name != key} if isinstance(body, dict) else body
    facts = {name: item for name, item in asked.value.items() if name != key}
    schema = asked.value[key]
    return Card(
        dialect="ad_hoc", title=title, body=shown or "", schema=schema, prefill=proposal(facts, schema), note=GUESS
    )


def _begun(variant: Json) -> Json | Absent:
    """Return the answer that a variant begins with: its default, or an object of which every field has one."""
    parts = variant.get("properties", {})
    if "default" in variant or not parts or not all("default" in part for part in parts.values()):
        return variant.get("default", ABSENT)
    return {name: part["default"] for name, part in parts.items()}


def _choosing(clues: Clues) -> list[Json]:
    return [*picked(clues.offered, several=clues.several), APPROVAL]


def _calling(clues: Clues) -> list[Json]:
    review = tool_review(clues.args or {})
    return [*review, APPROVAL, YES_NO] if clues.carries_call else [APPROVAL, *review, VERDICT, YES_NO]


def _verdict_with_edits(clues: Clues) -> list[Json]:
    """An action with its facts beside it (LangGraph, "interrupts in tools"): the verdict, and the facts to change."""
    facts = {k: {**infer(v), "title": k, "default": v} for k, v in clues.facts.items() if k not in TOOL_KEYS}
    verdict = {**VERDICT["properties"]["action"], "title": "Action"}
    whole = fields({"action": verdict, **facts}, required=["action"], title="Approve or reject, with edits")
    return [whole, APPROVAL, YES_NO]


def _editing(clues: Clues) -> list[Json]:
    return [*edited(clues.value[clues.draft], clues.draft), APPROVAL, YES_NO]


def _editing_task(clues: Clues) -> list[Json]:
    """The tutorials that say ``task`` read ``edited_text`` from the answer."""
    whole, named, *rest = edited(clues.value[clues.draft], clues.draft)
    return [named, whole, *rest, APPROVAL, YES_NO]


def _wording(clues: Clues) -> list[Json]:
    return [TEXT, *(edited(clues.value[clues.draft], clues.draft) if clues.draft else []), APPROVAL, YES_NO]


def _deciding(clues: Clues) -> list[Json]:
    drafts = edited(clues.value[clues.draft], clues.draft) if clues.draft else []
    if wants_words_yes_no(clues.said):
        return [*yes_or_no(clues.said), *drafts]
    first = [YES_NO, APPROVAL] if set(clues.value) in BY_TRUTH else [APPROVAL, YES_NO]
    return [*first, VERDICT, *drafts, TEXT]


def _is_task(clues: Clues) -> bool:
    return "task" in clues.value and isinstance(clues.value.get(clues.draft), str)


def _is_call_with_facts(clues: Clues) -> bool:
    return isinstance(clues.value.get("action"), str) and len(clues.facts) > 1


RULES: Final[tuple[tuple[Callable[[Clues], bool], Callable[[Clues], list[Json]]], ...]] = (
    (lambda clues: bool(clues.offered), _choosing),
    (lambda clues: clues.args is not None, _calling),
    (_is_task, _editing_task),
    (lambda clues: clues.wants_editing, _editing),
    (_is_call_with_facts, _verdict_with_edits),
    (lambda clues: clues.wants_words, _wording),
    (lambda _: True, _deciding),
)
"""Which answers to suggest: the first rule that fits."""
