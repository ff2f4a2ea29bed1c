"""Clues: what in a dict written by hand hints at the answer its graph waits for. No guess is made here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from signoff.dialects.options import Option, options
from signoff.dialects.suggestions import asks_approval, asks_editing, is_open, wants_words_yes_no
from signoff.dialects.wording import ROUTING_KEYS, spoken
from signoff.reviews import Json

OPTION_KEYS: Final = ("options", "choices", "allowed", "actions", "buttons", "enum")
SEVERAL_KEYS: Final = ("multiple", "multi", "multi_select", "multiselect")
CALL_KEYS: Final = ("tool_call", "toolCall")
TOOL_KEYS: Final = ("action", "tool", "tool_name", "name", "function")
ARGS_KEYS: Final = ("args", "arguments", "tool_args", "tool_input", "parameters", "input")
DRAFT_KEYS: Final = ("draft", "text", "body", "llm_output", "generated_text", "email", "content")
TOLD_KEYS: Final = ("question", "message", "prompt", "instruction", "instructions", "title", "description", "task")
MESSAGES: Final = ("ai", "assistant", "human", "user", "system")
"""What a chat message calls itself, as ``type`` (LangChain) or ``role``: its content is what is asked."""

_DRAFT = re.compile(r"(?:draft|generated|proposed|llm)_\w+|\w+_(?:draft|to_revise|to_edit|to_review)")


@dataclass(frozen=True, kw_only=True)
class Clues:
    """A payload, the words it asks with, and what in it may be chosen, called or edited.

    ``tool`` and ``args`` are those of a call; ``carries_call`` tells that the payload carries it (``tool_call``) rather
    than being it. ``draft`` is the key of what may be edited, "" for none.
    """

    value: dict[str, Json]
    said: str
    offered: Sequence[Option]
    tool: str
    args: dict[str, Json] | None
    carries_call: bool
    draft: str

    @property
    def facts(self) -> dict[str, Json]:
        """The payload without the words it asks with and without routing keys."""
        return {key: item for key, item in self.value.items() if key not in (*TOLD_KEYS, *ROUTING_KEYS)}

    @property
    def several(self) -> bool:
        """Whether more than one of the choices may be taken."""
        return any(self.value.get(key) is True for key in SEVERAL_KEYS)

    @property
    def wants_yes_or_no(self) -> bool:
        """Whether the words, or the kind of request, ask for a yes or a no."""
        kinds = [spoken(self.value[key]) for key in ROUTING_KEYS if isinstance(self.value.get(key), str)]
        return wants_words_yes_no(self.said) or any(map(asks_approval, [self.said, *kinds]))

    @property
    def wants_words(self) -> bool:
        """Whether words are asked for: an open question, or one without facts that is no yes/no question."""
        return is_open(self.said) or not (self.facts or self.wants_yes_or_no)

    @property
    def wants_editing(self) -> bool:
        """Whether the draft is there to be changed: instructed, asked for, or shown with no words at all."""
        instructed = "instruction" in self.value or "instructions" in self.value
        return bool(self.draft) and (instructed or asks_editing(self.said) or not self.said)


def read_clues(value: dict[str, Json]) -> Clues:
    """Return what ``value`` hints at."""
    told = ("content",) if value.get("type") in MESSAGES or value.get("role") in MESSAGES else TOLD_KEYS
    said = next((value[key] for key in (*told, "reason", "type", "kind") if isinstance(value.get(key), str)), "")
    carried = _carried_call(value)
    call = value if carried is None else carried
    return Clues(
        value=value,
        said=said,
        offered=next((found for key in OPTION_KEYS if (found := options(value.get(key)))), ()),
        tool=next((call[key] for key in TOOL_KEYS if isinstance(call.get(key), str)), ""),
        args=next((call[key] for key in ARGS_KEYS if isinstance(call.get(key), dict)), None),
        carries_call=carried is not None,
        draft=_draft(value, said),
    )


def _carried_call(value: dict[str, Json]) -> dict[str, Json] | None:
    calls = value.get("tool_calls")
    found = [value.get(key) for key in CALL_KEYS] + (calls[:1] if isinstance(calls, list) else [])
    return next((one for one in found if isinstance(one, dict)), None)


def _draft(value: dict[str, Json], said: str) -> str:
    """Return the key of a text or an object that may be edited and is not itself the question."""
    for key in (*DRAFT_KEYS, *(key for key in value if _DRAFT.fullmatch(key))):
        item = value.get(key)
        if isinstance(item, str | dict) and item and item != said:
            return key
    return ""
