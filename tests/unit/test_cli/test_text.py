"""What reaches a terminal is harmless, aligned, and still readable."""

import subprocess
from pathlib import Path

import pytest
from forked import Python

from signoff.cli import main
from signoff.cli.text import brief, safe, safe_lines, table


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("plain", "plain"),
        ("two\nlines\tand a tab", "two lines and a tab"),
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x9b2J", r"\x9b2J"),
        ("pay\u202e001", r"pay\u202e001"),
        ("\u2066hidden\u2069", r"\u2066hidden\u2069"),
        ("a\x00b\x7fc", r"a\x00b\x7fc"),
        ("\ud800", r"\ud800"),
        ("Ångström, 決裁, نعم, 👩‍🔧", "Ångström, 決裁, نعم, 👩‍🔧"),
    ],
)
def test_foreign_text_is_shown_and_never_obeyed(foreign, shown):
    assert safe(foreign) == shown


def test_lines_stay_lines_where_they_are_wanted():
    assert safe_lines("one\r\ntwo\x1b") == "one\ntwo\\x1b"


def test_columns_line_up_by_what_is_seen(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")

    head, first, second = table(("who", "what"), [("決裁", "wide"), ("Bo", "x" * 90)]).splitlines()

    assert head == "who   what"
    assert first == "決裁  wide"
    assert second == "Bo    " + "x" * 33 + "…"


def test_a_table_that_a_program_reads_is_not_cut(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)

    assert "x" * 300 in table(("what",), [("x" * 300,)])


def test_a_long_value_is_cut_and_says_so():
    assert brief({"note": "y" * 90}, length=20) == '{"note": "yyyyyyyyy…'


def test_an_argument_that_is_no_text_is_refused_in_one_line(monkeypatch):
    monkeypatch.setattr("sys.argv", ["signoff", "show", "a\udcff"])

    with pytest.raises(SystemExit, match=r"'a\\udcff' is not UTF-8"):
        main()


@pytest.mark.parametrize("command", [["list"], ["list", "--json"], ["threads"], ["list", "--help"]])
def test_a_full_disk_is_told_in_one_line(shop, command):
    shop.pause("orders", "t1")
    words = command if "--help" in command else [*command, "--db", str(shop.db)]

    with Path("/dev/full").open("w") as full:
        process = Python(["-m", "signoff.cli", *words], stdout=full, stderr=subprocess.PIPE, text=True)
        _, told = process.communicate(timeout=60)

    assert process.returncode == 1
    assert told == "Standard output cannot be written: No space left on device. What the command did stands.\n"


def test_a_reader_who_has_gone_is_no_reason_to_complain(shop):
    shop.pause("orders", "t1")
    process = shop.spawn("list", "--db", str(shop.db))
    process.stdout.close()

    told = process.stderr.read()

    assert (process.wait(60), told) == (1, "")
