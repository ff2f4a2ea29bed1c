"""``signoff token``: let a program use the API."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from signoff.cli.command import AsJson, Report, app, told


@app.command("token")
@told
def token(
    name: Annotated[str, typer.Argument(help="The program's name; it stands in the record of what it decides.")],
    as_json: AsJson = False,  # noqa: ARG001 - read where the report is printed
) -> Report:
    """Make a token for a program that uses the API.

    Prints lines for signoff.toml to standard output and the token itself to standard error. It is stored nowhere.
    """
    from signoff.settings import read_settings
    from signoff.tokens import fingerprint, new_token

    made = new_token()
    entry = {"name": name, "sha256": fingerprint(made)}
    others = [each.model_dump() for each in read_settings().api.tokens]
    checked = read_settings(api={"tokens": [*others, entry]}).api.tokens[-1]
    lines = (
        "",
        "[[api.tokens]]  # the token itself is shown once and stored nowhere",
        f"name = {json.dumps(checked.name, ensure_ascii=False)}",
        f'sha256 = "{checked.sha256}"',
    )
    toml = "\n".join(lines)
    return Report(data={"name": checked.name, "token": made, "toml": toml}, text=lambda: toml, notes=(made,))
