"""The answers that graphs without a declared contract commonly expect, as schemas with titles for people.

Drawn from LangGraph's documentation and tutorials; a graph of one's own may want something else, so a card built of
suggestions declares nothing and any JSON may be sent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from signoff.dialects.options import Option
from signoff.dialects.shapes import branch, choices, fields, infer, one_of
from signoff.reviews import Json

GUESS: Final = (
    "The graph does not say what answer it expects; this form is a suggestion. See the exact value before you send it."
)
TRUTH: Final = (
    "The graph does not say what answer it expects; this form is a suggestion. See the exact value before you send it: "
    "a graph that only tests “if answer” takes every object and every text for a yes, so send it true or false."
)

TEXT: Final = {"title": "Text", "type": "string"}
YES_NO: Final = {"title": "Yes or no (true, false)", "type": "boolean"}
YES_NO_TEXT: Final = {"title": "Yes or no, as text", **choices(["yes", "no"], ["Yes", "No"])}
NUMBER: Final = {"title": "Number", "type": "number"}
WORDS: Final = {"reason": {"type": "string", "title": "Reason"}, "notes": {"type": "string", "title": "Notes"}}
APPROVAL: Final = fields(
    {"approved": {"type": "boolean", "title": "Approved"}, **WORDS}, required=["approved"], title="Approve or reject"
)
CONFIRMED: Final = fields(
    {"confirmed": {"type": "boolean", "title": "Confirmed"}}, required=["confirmed"], title="Confirm"
)
VERDICT: Final = fields(
    {
        "action": choices(["approve", "reject"], ["Approve", "Reject"]),
        "feedback": {"type": "string", "title": "Feedback"},
    },
    required=["action"],
    title="Approve or reject, by action",
)

_APPROVES = re.compile(
    r"\b(approv\w*|confirm\w*|proceed|allow\w*|authori[sz]\w*|accept\w*|permit|correct|okay|ok|go ahead|agree|sign off"
    r"|continue|should (?:we|i)|do you want|are you sure|(?:can|may|shall) (?:i|we)|tool_call)\b",
    re.IGNORECASE,
)
_YES_OR_NO = re.compile(r"\byes\s*(?:/|or|,)\s*no\b|\by\s*/\s*n\b", re.IGNORECASE)
_CLOSED = re.compile(
    r"\s*(?:do|does|did|is|are|was|were|has|have|can|could|may|should|shall|will|would"
    r"|apply|book|buy|cancel|charge|close|create|delete|deploy|drop|execute|merge|pay|publish|refund|release|remove|run"
    r"|send|ship|sign|submit|transfer|update)\b.*\?",
    re.IGNORECASE | re.DOTALL,
)
_OPEN = re.compile(
    r"\s*(?:what|which|who|whom|whose|where|when|why|how"
    r"|(?:please )?(?:enter|provide|specify|tell|describe|give|choose|pick|select|name))\b",
    re.IGNORECASE,
)
_EDITS = re.compile(
    r"\b(edit\w*|revis\w*|rewrit\w*|correct(?:ions?)? (?:it|the)|improv\w*|adjust\w*|modif\w*|chang\w*)\b",
    re.IGNORECASE,
)


def asks_approval(text: str) -> bool:
    """Tell whether ``text`` asks for a yes or a no rather than for words: "Do you approve it?", "Delete 3 files?"."""
    head = text[:2000]
    return not is_open(head) and bool(_APPROVES.search(head) or _CLOSED.match(head))


def is_open(text: str) -> bool:
    """Tell whether ``text`` asks for words: "What is your address?", "Please enter a budget"."""
    return bool(_OPEN.match(text[:200]))


def wants_words_yes_no(text: str) -> bool:
    """Tell whether ``text`` itself says that the answer is yes or no in words: "Go on? (yes/no)"."""
    return bool(_YES_OR_NO.search(text[:5000]))


def asks_editing(text: str) -> bool:
    """Tell whether ``text`` asks to change what is shown: "Review and edit this content"."""
    return bool(_EDITS.search(text[:2000]))


def yes_or_no(text: str) -> list[Json]:
    """Return the answers to a plain yes/no question: a boolean first, as LangGraph's own example resumes with one."""
    first = [YES_NO_TEXT, YES_NO] if wants_words_yes_no(text) else [YES_NO, YES_NO_TEXT]
    return [*first, TEXT, APPROVAL]


def picked(offered: Sequence[Option], *, several: bool = False) -> list[Json]:
    """Return the answers where the payload offers choices: one of them, some of them, or one with a comment."""
    one = choices([option.value for option in offered], [option.label for option in offered])
    some = {"title": "Several choices", "type": "array", "items": one, "uniqueItems": True}
    single = {"title": "Choice", **one}
    said = {"type": "string", "title": "Feedback"}
    with_comment = fields({"action": one, "feedback": said}, required=["action"], title="Choice with feedback")
    return [some, single, with_comment, TEXT] if several else [single, with_comment, some, TEXT]


def edited(draft: Json, key: str) -> list[Json]:
    """Return the answers that hand back a draft, most common first: itself, or in an object."""
    whole = {**infer(draft), "title": "Edited " + ("text" if isinstance(draft, str) else "values"), "default": draft}
    inner = {**infer(draft), "title": "Edited text", "default": draft}
    named = fields({"edited_text": inner}, required=["edited_text"], title="Edited text, as edited_text")
    kept = fields({key: {**inner, "title": key}}, required=[key], title=f"Edited, as {key}")
    return [whole, named, kept] if isinstance(draft, str) else [whole, kept]


def tool_review(args: dict[str, Json]) -> list[Json]:
    """Return the answers of LangGraph's tool reviews: by ``action`` with ``data``, by ``type`` with ``args``."""
    new = {**infer(args), "title": "Arguments", "default": args}
    said = {"type": "string", "title": "Feedback"}
    by_action = one_of(
        "action",
        [
            branch("Continue", "action", "continue", {}, required=()),
            branch("Update", "action", "update", {"data": new}, required=["data"]),
            branch("Feedback", "action", "feedback", {"data": said}, required=["data"]),
        ],
    )
    by_type = one_of(
        "type",
        [
            branch("Accept", "type", "accept", {}, required=()),
            branch("Edit", "type", "edit", {"args": fields({"args": new}, required=["args"])}, required=["args"]),
            branch("Respond", "type", "response", {"args": said}, required=["args"]),
        ],
    )
    return [{"title": "Review, by action", **by_action}, {"title": "Review, by type", **by_type}]
