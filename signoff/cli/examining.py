"""``signoff doctor``: what is wrong with a desk, and how to mend it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from typing import TYPE_CHECKING

from signoff.cli.command import AsJson, Flags, Report, command
from signoff.cli.text import safe, safe_lines
from signoff.errors import SettingsInvalid

if TYPE_CHECKING:
    from signoff.doctor import Finding

_SIGNS = {"fine": "ok", "note": "--", "wrong": "!!"}


@command("doctor")
def doctor(flags: Flags, as_json: AsJson = False) -> Report:  # noqa: ARG001 - read where the report is printed
    """Say what is wrong with a desk, and how to mend it."""
    with redirect_stdout(sys.stderr):  # graphs are imported, and may print
        from signoff.doctor import Level, examine, wrong

        try:
            findings = list(examine(flags.settings()))
        except SettingsInvalid as error:
            findings = [wrong("settings", error)]
    faults = [finding for finding in findings if finding.level is Level.WRONG]
    return Report(
        data={"ok": not faults, "checks": [_json(finding) for finding in findings]},
        text=lambda: "\n".join(_lines(findings)),
        exit_code=faults[0].exit_code if faults else 0,
    )


def _json(finding: Finding) -> dict[str, str]:
    told = {"check": finding.check, "level": finding.level.value, "message": finding.message}
    return told | {"mend": finding.mend, "detail": finding.detail}


def _lines(findings: Sequence[Finding]) -> Iterator[str]:
    for finding in findings:
        yield f"{_SIGNS[finding.level]}  {finding.check:<12} {safe(finding.message)}"
        for more in filter(None, (finding.mend, finding.detail)):
            yield from (f"    {'':<12} {line}" for line in safe_lines(more).splitlines())
