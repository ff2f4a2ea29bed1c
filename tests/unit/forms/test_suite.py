"""The JSON Schema test suite, draft 2020-12, as it ships in the source distribution of jsonschema."""

import json
import subprocess
import sys
import tarfile
from importlib.metadata import version
from pathlib import Path

import pytest

from signoff.forms import build_form, find_problems
from signoff.forms.equality import identical

REMOTE = "http://localhost:1234/"


@pytest.fixture(scope="session")
def suite(pytestconfig) -> Path:
    """Return the folder of the suite, fetched from the package index once."""
    wanted = f"jsonschema-{version('jsonschema')}"
    folder = Path(pytestconfig.cache.mkdir("json-schema-test-suite"))
    if not (folder / wanted / "json").is_dir():
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", "jsonschema", "-d", str(folder)]
        subprocess.run([*command, wanted.replace("-", "==")], check=True, capture_output=True)
        with tarfile.open(folder / f"{wanted}.tar.gz") as archive:
            archive.extractall(folder, filter="data")
    return folder / wanted / "json"


@pytest.fixture(scope="session")
def remotes(suite) -> dict[str, object]:
    folder = suite / "remotes"
    files = [file for file in folder.rglob("*.json") if "draft" not in file.parts[-2] or "2020-12" in str(file)]
    return {REMOTE + file.relative_to(folder).as_posix(): json.loads(file.read_text("utf-8")) for file in files}


@pytest.fixture(scope="session")
def cases(suite) -> list[tuple[str, object, object, bool]]:
    """Return (name, schema, data, whether it is valid) for every case that is not optional."""
    found = []
    for file in sorted((suite / "tests" / "draft2020-12").glob("*.json")):
        for group in json.loads(file.read_text("utf-8")):
            for test in group["tests"]:
                name = f"{file.stem}: {group['description']}: {test['description']}"
                found.append((name, group["schema"], test["data"], test["valid"]))
    return found


def test_every_case_of_draft_2020_12_is_judged_as_the_suite_says(cases, remotes):
    wrong = [name for name, schema, data, valid in cases if (find_problems(schema, data, remotes) == []) != valid]

    assert len(cases) > 1200
    assert wrong == []


def test_every_valid_value_of_the_suite_survives_its_form_untouched(cases):
    changed = [
        name for name, schema, data, valid in cases if valid and not identical(build_form(schema, data).collect(), data)
    ]

    assert changed == []


def test_no_schema_of_the_suite_breaks_an_empty_form(cases):
    for _, schema, _, _ in cases:
        assert list(build_form(schema).fields())
