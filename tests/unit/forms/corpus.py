"""The corpus of schemas, read from beside the tests. See ``tests/corpus/make.py``."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "corpus"
TEXTS = {"text", "textarea", "email", "url", "password"}


@dataclass(frozen=True)
class Case:
    """A schema, a valid answer, the widget each of its leaves needs, and answers with one mistake each."""

    name: str
    schema: Any
    valid: Any
    kinds: dict[tuple[str | int, ...], str]
    invalid: list[tuple[Any, tuple[str | int, ...]]]
    union: bool

    def suits(self, wanted: str, given: str | None) -> bool:
        """Tell whether a widget is of the right kind: a text may be drawn as any text, all else only as itself."""
        return given in TEXTS if wanted == "text" else given == wanted


def corpus() -> Iterator[Case]:
    """Yield every case, family by family."""
    for file in sorted(FOLDER.glob("*.json")):
        for one in json.loads(file.read_text(encoding="utf-8")):
            yield Case(
                name=f"{file.stem}: {one['name']}",
                schema=one["schema"],
                valid=one["valid"],
                kinds={tuple(path): kind for path, kind in one["kinds"]},
                invalid=[(wrong["data"], tuple(wrong["path"])) for wrong in one["invalid"]],
                union="oneOf" in json.dumps(one["schema"]) or "anyOf" in json.dumps(one["schema"]),
            )


CASES = list(corpus())
