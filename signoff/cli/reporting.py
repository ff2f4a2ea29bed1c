"""``signoff report``: a thread as one file for an auditor, and the check of such a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from signoff.cli.command import Flags, Report, command, opened
from signoff.errors import SettingsInvalid

if TYPE_CHECKING:
    from signoff.report import Checked


@command("report")
def report(
    flags: Flags,
    thread: Annotated[str, typer.Argument(metavar="THREAD", help="The thread's id, or `verify`.")],
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="With `verify`: the report to check.")] = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write HTML here.")] = None,
    json: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write JSON here.")] = None,
    with_desk: Annotated[
        bool, typer.Option("--with-desk", help="With `verify`: compare with the desk's own trail, too.")
    ] = False,
) -> Report:
    """Write a thread as one file: timeline, states, decisions and their trail; or check one with `verify FILE`.

    Secrets are masked in both formats. Exit code 1 when `verify` finds a change.
    """
    from signoff.report import write_html, write_json

    if thread == "verify" and file:
        return _verify(flags, file, with_desk=with_desk)
    if file or not (html or json):
        raise SettingsInvalid("Say what to write: `signoff report THREAD --html FILE`, `--json FILE`, or both.")
    for path, write in ((html, write_html), (json, write_json)):
        if path:
            _write(flags, thread, path, write)
    written = [str(path) for path in (html, json) if path]
    return Report(data={"thread_id": thread, "written": written}, text=lambda: "\n".join(written))


def _write(flags: Flags, thread: str, path: Path, write: Callable[..., None]) -> None:
    """Write one file; one that cannot be finished does not stay."""
    from signoff.dialects.masking import secret_keys
    from signoff.report import Facts

    with opened(flags) as (desk, settings):
        facts = Facts(desk, thread, settings.reviewer, secret_keys(settings.masking.keys))
        facts.head()
        part = path.with_name(f"{path.name}.part")
        try:
            with part.open("wb") as out:
                write(facts, out)
            part.replace(path)
        except OSError as error:
            raise SettingsInvalid(f"{path} cannot be written: {error}.") from error
        finally:
            part.unlink(missing_ok=True)


def _verify(flags: Flags, file: Path, *, with_desk: bool) -> Report:
    from signoff.report import check

    try:
        checked = check(file.read_bytes())
    except OSError as error:
        raise SettingsInvalid(f"{file} cannot be read: {error}.") from error
    problems = [*checked.problems, *(_against_desk(flags, checked) if with_desk else ())]
    data = {"ok": not problems, "sha256": checked.sha256, "entries": len(checked.entries), "problems": problems}
    return Report(data=data, text=lambda: _told(checked, problems), exit_code=1 if problems else 0)


def _against_desk(flags: Flags, checked: Checked) -> list[str]:
    with opened(flags) as (desk, _):
        known: dict[int, Any] = {e.seq: e.hash for e in desk.database.audit.entries() if e.seq in checked.entries}
    return [
        f"Entry {seq} of the trail is not what the desk has."
        for seq, its in checked.entries.items()
        if known.get(seq) != its
    ]


def _told(checked: Checked, problems: list[str]) -> str:
    if problems:
        return "\n".join(problems)
    hidden = f", {checked.hidden} of them masked" if checked.hidden else ""
    return (
        f"unchanged since it was written; {len(checked.entries)} entries of the trail{hidden}; SHA-256 {checked.sha256}"
    )
