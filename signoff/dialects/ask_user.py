"""``ask_user``: an agent's questions to its user, one answer text per question (deepagents and many copies).

Answered with ``{"type": "answered", "answers": [text per question]}`` or ``{"type": "cancelled"}``; older readers take
``{"answers": […]}``, which the first form satisfies. Several choices travel as one text, a JSON array (deepagents'
``encode_multi_select_answer``). The lighter copies ask one question and take plain text.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from signoff.dialects.card import Asked, Card
from signoff.dialects.options import Option, options
from signoff.dialects.shapes import branch, choices, fields, one_of
from signoff.dialects.wording import fallback_title, headline, one_line
from signoff.reviews import Json

YES_NO: Final = (Option(value="yes", label="Yes"), Option(value="no", label="No"))
OTHER: Final = {"title": "Other", "type": "string", "minLength": 1}


def recognise(asked: Asked) -> Card | None:
    """Return the card of an ask_user request in either weight, or None."""
    if not isinstance(asked.value, dict) or asked.value.get("type") != "ask_user":
        return None
    questions = asked.value.get("questions")
    if isinstance(questions, list) and questions and all(_is_question(one) for one in questions):
        return _several(asked, questions)
    return _single(asked) if isinstance(asked.value.get("question"), str) else None


def _several(asked: Asked, questions: Sequence[dict[str, Json]]) -> Card:
    count = len(questions)
    first = one_line(questions[0]["question"]) or fallback_title(asked)
    return Card(
        dialect="ask_user",
        title=first if count == 1 else one_line(f"{count} questions: {first}"),
        body={k: v for k, v in asked.value.items() if k not in ("type", "questions")} or "",
        schema=_answered([_answer(one) for one in questions]),
        contract={"anyOf": [_answered([_sent(one) for one in questions]), _older(count)]},
        declared=True,
        resume=encoded,
    )


def _single(asked: Asked) -> Card:
    title, body = headline(asked, ("question",))
    offered = options(asked.value.get("options")) or (YES_NO if asked.value.get("mode") == "confirm" else ())
    picked = _choices(offered)
    free = {"title": "Text", "type": "string"}
    return Card(
        dialect="ask_user",
        title=title,
        body={k: v for k, v in body.items() if k not in ("type", "mode", "options")} or "",
        schema=free if not offered else picked if asked.value.get("mode") == "confirm" else {"anyOf": [picked, OTHER]},
        contract={"type": "string"},
        declared=True,
    )


def encoded(answer: Json) -> Json:
    """Return the answer with every list of choices written as the one text that the agent reads."""
    if not isinstance(answer, dict) or not isinstance(answer.get("answers"), list):
        return answer
    return {**answer, "answers": [_text(one) for one in answer["answers"]]}


def _text(answer: Json) -> Json:
    return json.dumps(answer, ensure_ascii=False) if isinstance(answer, list) else answer


def _answered(answers: Sequence[Json]) -> dict[str, Json]:
    every = {"type": "array", "title": "Answers", "prefixItems": list(answers), "items": False}
    counted = {**every, "minItems": len(answers), "maxItems": len(answers)}
    return one_of(
        "type",
        [
            branch("Answer", "type", "answered", {"answers": counted}, required=["answers"]),
            branch("Cancel", "type", "cancelled", {}, required=()),
        ],
    )


def _answer(question: dict[str, Json]) -> dict[str, Json]:
    """Return how one question is drawn: a text, one choice with another text allowed, or several choices."""
    title, needed = one_line(question["question"]), question.get("required") is not False
    offered = options(question.get("choices"))
    if question.get("type") == "multi_select" and offered:
        return {
            "title": title,
            "type": "array",
            "items": _choices(offered),
            "uniqueItems": True,
            "minItems": int(needed),
        }
    if offered:
        skip = [] if needed else [{"title": "No answer", "const": ""}]
        return {"title": title, "anyOf": [_choices(offered), OTHER, *skip]}
    return {"title": title, "type": "string", **({"minLength": 1} if needed else {"default": ""})}


def _sent(question: dict[str, Json]) -> Json:
    """Return what may be sent for one question: any text, or the list of choices that becomes one."""
    text: Json = {"type": "string", "minLength": int(question.get("required") is not False)}
    several = {"type": "array", "items": {"type": "string"}, "minItems": text["minLength"]}
    return {"anyOf": [text, several]} if question.get("type") == "multi_select" else text


def _older(count: int) -> dict[str, Json]:
    texts = {"type": "array", "items": {"type": "string"}, "minItems": count, "maxItems": count}
    return {**fields({"answers": texts}, required=["answers"]), "additionalProperties": False}


def _choices(offered: Sequence[Option]) -> dict[str, Json]:
    return {"title": "Choice", **choices([str(one.value) for one in offered], [one.label for one in offered])}


def _is_question(value: Json) -> bool:
    return isinstance(value, dict) and isinstance(value.get("question"), str)
