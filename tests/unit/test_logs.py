"""Lines that are logged: ids and outcomes, as text or JSON, and nothing of what a value holds."""

import io
import json
import logging

import pytest

from signoff.logs import set_up_logs, tell

SECRET = "4711-secret"


@pytest.fixture
def lines():
    out = io.StringIO()
    before = logging.getLogger().handlers[:], logging.getLogger().level
    jobs = logging.getLogger("dbos")
    kept = jobs.handlers[:], jobs.propagate
    yield out
    logging.getLogger().handlers, logging.getLogger().level = before
    jobs.handlers, jobs.propagate = kept
    logging.getLogger("signoff").setLevel(logging.NOTSET)


def test_a_line_of_json_holds_the_facts_as_fields(lines):
    set_up_logs("json", lines)

    tell(logging.getLogger("signoff.engine"), "settled", decision="d1", seconds=0.5, graph=None)

    line = json.loads(lines.getvalue())
    assert (line["event"], line["decision"], line["seconds"], line["level"]) == ("settled", "d1", 0.5, "info")
    assert "graph" not in line
    assert line["at"].endswith("+00:00")


def test_a_line_for_people_holds_them_as_words(lines):
    set_up_logs("text", lines)

    tell(logging.getLogger("signoff.engine"), "settled", decision="d1", outcome="applied")

    assert lines.getvalue().endswith("INFO    settled decision=d1 outcome=applied\n")


@pytest.mark.parametrize("form", ["text", "json"])
def test_of_an_exception_its_type_is_told_and_not_what_it_says(lines, form):
    set_up_logs(form, lines)

    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("signoff.engine").exception("It did not work.")

    assert "ValueError" in lines.getvalue()
    assert "test_logs.py" in lines.getvalue()
    assert SECRET not in lines.getvalue()


def test_what_the_job_library_says_comes_once_and_in_the_same_form(lines):
    set_up_logs("json", lines)

    logging.getLogger("dbos").warning("a queue is gone")
    logging.getLogger("elsewhere").info("not told")

    [line] = lines.getvalue().splitlines()
    assert json.loads(line)["logger"] == "dbos"
