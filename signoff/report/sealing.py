"""The seal of a report: the SHA-256 of every byte before it, so that any change of the file is found."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Final

from signoff.report.facts import FORMAT
from signoff.reviews import Json

TAILS: Final = {
    "html": '<p class="seal">SHA-256 of everything above: <code>{}</code></p>\n</body></html>\n',
    "json": ',\n"sha256": "{}"}}\n',
}
"""How a file ends, by its kind; the hash in between."""

_HASH = "[0-9a-f]{64}"
_ENTRY = re.compile(rf'<pre class="(whole|masked)" data-seq="(\d+)" data-hash="({_HASH})">([^<]*)</pre>'.encode())


class Sealed:
    """A file that is sealed at its end."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out, self._sum = out, hashlib.sha256()

    def write(self, text: str) -> None:
        """Add text."""
        self.add(text.encode("utf-8", "backslashreplace"))

    def add(self, data: bytes) -> None:
        """Add text that is encoded already."""
        self._sum.update(data)
        self._out.write(data)

    def close(self, kind: str) -> None:
        """Write the seal."""
        self._out.write(TAILS[kind].format(self._sum.hexdigest()).encode())


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What a check of a report has found: what is wrong, and the hashes of the entries of the trail that it holds.

    ``hidden`` counts the entries whose hash cannot be made anew, because secrets in them are masked or left out.
    """

    problems: tuple[str, ...]
    sha256: str
    entries: Mapping[int, str]
    hidden: int


def canonical(entry: Json) -> str:
    """Return the text whose SHA-256 is the hash of an entry of the trail."""
    content = [entry[name] for name in ("seq", "at", "decision_id", "event", "body", "previous")]
    return json.dumps(content, sort_keys=True, separators=(",", ":"))


def check(data: bytes) -> Checked:
    """Check a report, HTML or JSON: its seal, and the hash of each entry of the trail in it."""
    kind = "html" if data.lstrip()[:1] == b"<" else "json"
    before, after = TAILS[kind].split("{}")
    tail = re.compile(re.escape(before).encode() + f"({_HASH})".encode() + re.escape(after.replace("}}", "}")).encode())
    found = tail.fullmatch(data, max(0, len(data) - len(TAILS[kind].format("0" * 64))))
    if not found:
        return Checked(
            problems=("It does not end with the seal of a Signoff report.",), sha256="", entries={}, hidden=0
        )
    seal, is_ = found[1].decode(), hashlib.sha256(data[: found.start()]).hexdigest()
    problems = [] if seal == is_ else [f"The file was changed: its SHA-256 is {is_}, its seal says {seal}."]
    if FORMAT.encode() not in data[:1_000]:
        problems.append(f"It is not of the format {FORMAT}.")
    entries = _in_html(data) if kind == "html" else _in_json(data)
    for seq, (text, hash_) in entries.items():
        if text is not None and hashlib.sha256(text.encode()).hexdigest() != hash_:
            problems.append(f"Entry {seq} of the trail does not have its hash.")
    hidden = sum(text is None for text, _ in entries.values())
    hashes = {seq: hash_ for seq, (_, hash_) in entries.items()}
    return Checked(problems=tuple(problems), sha256=is_, entries=hashes, hidden=hidden)


def _in_html(data: bytes) -> dict[int, tuple[str | None, str]]:
    return {
        int(seq): (html.unescape(text.decode("utf-8", "replace")) if kind == b"whole" else None, hash_.decode())
        for kind, seq, hash_, text in _ENTRY.findall(data)
    }


def _in_json(data: bytes) -> dict[int, tuple[str | None, str]]:
    try:
        entries = [entry for decision in json.loads(data)["decisions"] for entry in decision["trail"]]
        return {e["seq"]: (None if e["masked"] else canonical(e), e["hash"]) for e in entries}
    except (ValueError, KeyError, TypeError):
        return {}
