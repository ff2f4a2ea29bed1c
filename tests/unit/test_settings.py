"""Settings come from flags, then from variables, then from signoff.toml; what cannot be used is named."""

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest

from signoff.errors import BackendUnavailable, SettingsInvalid
from signoff.settings import read_settings
from signoff.wiring import load_timeouts, open_desk


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Work in an empty folder, without anybody's own settings."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("SIGNOFF_") or name == "AS"]:
        monkeypatch.delenv(name)
    return tmp_path


def write_toml(text: str) -> None:
    Path("signoff.toml").write_text(text)


def test_flags_come_before_variables_and_variables_before_the_file(monkeypatch):
    write_toml('db = "from-file"\ndesk = "from-file"\ngraphs = "from-file"\nconcurrency = 2')
    monkeypatch.setenv("SIGNOFF_DB", "from-variable")
    monkeypatch.setenv("SIGNOFF_DESK", "from-variable")

    settings = read_settings(db="from-flag", desk=None, graphs=None)

    assert (settings.db, settings.desk, settings.graphs) == ("from-flag", "from-variable", Path("from-file"))
    assert settings.concurrency == 2


@pytest.mark.parametrize(
    ("flag", "variable", "file", "name"),
    [
        ("Ada", "Bo", "Chidi", "Ada"),
        (None, "Bo", "Chidi", "Bo"),
        (None, None, "Chidi", "Chidi"),
        ("  Ada  ", None, None, "Ada"),
        (None, "Zoë Müller-Nguyễn", None, "Zoë Müller-Nguyễn"),
        (None, None, None, "somebody"),
    ],
)
def test_the_reviewer_is_named_by_as_or_is_who_is_logged_in(monkeypatch, flag, variable, file, name):
    monkeypatch.setattr("getpass.getuser", lambda: "somebody")
    if variable:
        monkeypatch.setenv("SIGNOFF_AS", variable)
    if file:
        write_toml(f'as = "{file}"')

    assert read_settings(**{"as": flag}).reviewer == name


def test_the_variable_in_which_compilers_keep_their_assembler_is_not_a_reviewer(monkeypatch):
    monkeypatch.setattr("getpass.getuser", lambda: "somebody")
    monkeypatch.setenv("AS", "/usr/bin/x86_64-linux-gnu-as")

    assert read_settings().reviewer == "somebody"


def test_a_machine_without_logins_has_a_reviewer_all_the_same(monkeypatch):
    def unknown():
        raise KeyError("getpwuid(): uid not found: 1000")

    monkeypatch.setattr("getpass.getuser", unknown)

    assert read_settings().reviewer == "reviewer"


@pytest.mark.parametrize("name", ["DB", "DESK", "GRAPHS", "GRAPH", "AS", "CONCURRENCY"])
def test_a_variable_that_is_empty_counts_as_not_set(monkeypatch, name):
    expected = read_settings()

    monkeypatch.setenv(f"SIGNOFF_{name}", "")

    assert read_settings() == expected


@pytest.mark.parametrize(
    ("given", "graphs"),
    [
        ("a=a.py:graph", ("a=a.py:graph",)),
        ("a=a.py:graph  b=b.py:graph", ("a=a.py:graph", "b=b.py:graph")),
        ('["a=my folder/a.py:graph", "b=b.py:graph"]', ("a=my folder/a.py:graph", "b=b.py:graph")),
    ],
)
def test_graphs_in_a_variable_are_words_or_a_json_list(monkeypatch, given, graphs):
    monkeypatch.setenv("SIGNOFF_GRAPH", given)

    assert read_settings().graph == graphs


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('database = "x"', "database: Extra inputs are not permitted"),
        ('db = "a', "signoff.toml cannot be read"),
        ("concurrency = 0", "concurrency: Input should be greater than or equal to 1"),
        ('as = ""', "signoff.toml, as: String should have at least 1 character"),
        ("db = 7", "db: Input should be a valid string"),
        ('[[forms]]\nnode = "ask"', "[[forms]] 1: schema: Field required"),
        ("graph = 'nothing[[['\nmasking = 3", "masking"),
        ('[[timeouts]]\nthen = "reject"', "[[timeouts]] 1: after: Field required"),
        (
            '[[timeouts]]\nafter = "soon"\nthen = "reject"',
            '[[timeouts]] 1: after: give a span of time: seconds, "PT2H"',
        ),
        ("[[timeouts]]\nafter = 60", "[[timeouts]] 1: then"),
        ('[[timeouts]]\nafter = 60\nthen = "approve"', "[[timeouts]] 1: then"),
        ("[[timeouts]]\nafter = 60\nthen = { anser = 1 }", "[[timeouts]] 1: then"),
        ('[[timeouts]]\nafter = 60\nthen = "reject"\nnodes = "ask"', "[[timeouts]] 1: nodes: Extra inputs"),
    ],
)
def test_what_cannot_be_used_is_named(toml, said):
    write_toml(toml)

    with pytest.raises(SettingsInvalid) as refused:
        read_settings()

    assert said in str(refused.value)
    assert "signoff.toml" in str(refused.value)


def test_a_variable_that_cannot_be_used_is_named(monkeypatch):
    monkeypatch.setenv("SIGNOFF_CONCURRENCY", "many")

    with pytest.raises(SettingsInvalid, match=r"SIGNOFF_CONCURRENCY: Input should be a valid integer"):
        read_settings()


def test_every_value_that_cannot_be_used_is_named_with_where_it_comes_from(monkeypatch):
    write_toml('stalled_after = 0\ndrain = -1\n[[timeouts]]\nafter = 60\nthen = "reject"\n[[timeouts]]\nafter = 0')
    monkeypatch.setenv("SIGNOFF_DRAIN", "-2")
    monkeypatch.setenv("SIGNOFF_CONCURRENCY", "0")

    with pytest.raises(SettingsInvalid) as refused:
        read_settings(concurrency=65, **{"as": " "})

    for said in ("--concurrency: ", "SIGNOFF_DRAIN: ", "--as: ", "signoff.toml, stalled_after: "):
        assert said in str(refused.value)
    assert "signoff.toml, [[timeouts]] 2: after: give a span" in str(refused.value)


def test_a_name_in_a_variable_is_not_laid_to_a_flag_that_was_not_given(monkeypatch):
    monkeypatch.setenv("SIGNOFF_AS", "A" * 201)

    with pytest.raises(SettingsInvalid, match="SIGNOFF_AS: String should have at most"):
        read_settings(**{"as": None})


def test_settings_that_contradict_each_other_are_named_with_where_each_comes_from(monkeypatch):
    write_toml('[[sources]]\nname = "a"\ndb = "a.sqlite"')
    monkeypatch.setenv("SIGNOFF_DB", "b.sqlite")

    with pytest.raises(SettingsInvalid, match=r"db from SIGNOFF_DB, sources from signoff\.toml"):
        read_settings()


def test_a_variable_that_is_no_json_is_not_laid_to_the_file(monkeypatch):
    monkeypatch.setenv("SIGNOFF_SOURCES", "[{")

    with pytest.raises(SettingsInvalid, match=r"^SIGNOFF_SOURCES is not JSON: Expecting"):
        read_settings()


def test_an_error_in_opening_a_desk_says_which_settings_are_no_flags(monkeypatch):
    write_toml('graph = ["a=a.py:graph"]')
    monkeypatch.setenv("SIGNOFF_DB", "nothing.sqlite")

    with pytest.raises(BackendUnavailable, match="There is no file") as refused:
        open_desk(read_settings(desk="desk.db"))

    assert refused.value.__notes__ == ["Settings used: db from SIGNOFF_DB, graph from signoff.toml."]


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("shop.sqlite", "shop.sqlite"),
        ("sqlite:///shop.sqlite", "shop.sqlite"),
        ("sqlite:////var/shop.sqlite", "/var/shop.sqlite"),
        ("~/shop.sqlite", str(Path("~/shop.sqlite").expanduser())),
    ],
)
def test_a_checkpoint_database_is_a_path_or_a_url(given, path):
    assert read_settings(db=given).checkpoint_path == Path(path)


@pytest.mark.parametrize(
    ("given", "said"),
    [(None, "No checkpoint database is named. Give --db"), ("mysql://host/db", "mysql:// is not supported")],
)
def test_a_database_that_is_missing_or_foreign_is_said_to_be(given, said):
    with pytest.raises(SettingsInvalid, match=said):
        _ = read_settings(db=given).checkpoint_path


@pytest.mark.parametrize(
    ("desk", "url"),
    [
        (None, "sqlite:///{folder}/shop.signoff.db"),
        ("desk.db", "sqlite:///{folder}/desk.db"),
        ("sqlite:////var/desk.db", "sqlite:////var/desk.db"),
        ("postgresql://host/db", "postgresql://host/db"),
    ],
)
def test_the_desks_own_database_lies_beside_the_checkpoints_or_where_it_is_told_to(folder, desk, url):
    assert read_settings(db="shop.sqlite", desk=desk).desk_url == url.format(folder=folder)


def test_time_limits_are_rules_in_their_order():
    write_toml(
        """
        [[timeouts]]
        graph = "pay"
        match = { kind = "refund" }
        after = "2h 30min"
        then = "reject"

        [[timeouts]]
        after = 60
        then = { answer = { approved = false } }
        """
    )

    first, second = load_timeouts(read_settings())

    assert (first.name, first.after, first.wanted) == ("1 (pay)", timedelta(minutes=150), "reject")
    assert first.match == {"kind": "refund"}
    assert (second.name, second.after) == ("2 (every graph)", timedelta(minutes=1))
    assert second.wanted == {"answer": {"approved": False}}


def test_metadata_rules_say_when_something_is_due_in_plain_words():
    write_toml('claim_minutes = 5\n[[metadata]]\ngraph = "pay"\npriority = "high"\ndue_in = "2d"\ntags = ["a"]')

    settings = read_settings()

    [rule] = settings.metadata
    assert (settings.claim_minutes, rule.graph, rule.priority, rule.tags) == (5, "pay", "high", ("a",))
    assert rule.due_in == timedelta(days=2)


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('[[metadata]]\ndue_in = "soon"', "[[metadata]] 1: due_in"),
        ('[[metadata]]\npriority = "huge"', "[[metadata]] 1: priority"),
        ('[[metadata]]\nnode = "a"\nname = "b"', "[[metadata]] 1: name"),
        ("claim_minutes = 0", "claim_minutes"),
        ("stalled_after = inf", "stalled_after"),
    ],
)
def test_a_metadata_rule_that_cannot_be_used_is_named(toml, said):
    write_toml(toml)

    with pytest.raises(SettingsInvalid, match=re.escape(said)):
        read_settings()


def test_ages_are_marked_after_spans_of_ones_own(folder):
    assert read_settings().sla.late_after == timedelta(days=1)

    (folder / "signoff.toml").write_text('[sla]\nwarn_after = 900\nlate_after = "PT8H"\n')

    assert (read_settings().sla.warn_after, read_settings().sla.late_after) == (
        timedelta(minutes=15),
        timedelta(hours=8),
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ('warn_after = "P2D"', "warn_after must not be longer than late_after"),
        ("warn_after = 0", "signoff.toml, [sla] warn_after"),
        ('late_after = "soon"', "signoff.toml, [sla] late_after"),
    ],
)
def test_spans_that_make_no_sense_are_refused(folder, given, said):
    (folder / "signoff.toml").write_text(f"[sla]\n{given}\n")

    with pytest.raises(SettingsInvalid, match=re.escape(said)):
        read_settings()


@pytest.mark.parametrize(
    ("db", "desk"),
    [
        ("postgresql://ada@db.example/team", "postgresql://ada@db.example/team"),
        ("postgres://db.example/team?sslmode=require", "postgres://db.example/team?sslmode=require"),
        ("https://agents.example:8443/api", "sqlite:///{here}/agents.example-8443.signoff.db"),
        ("http://127.0.0.1:2024", "sqlite:///{here}/127.0.0.1-2024.signoff.db"),
    ],
)
def test_the_desk_of_a_server_has_its_place(tmp_path, monkeypatch, db, desk):
    monkeypatch.chdir(tmp_path)

    assert read_settings(db=db).desk_url == desk.format(here=tmp_path)
    assert read_settings(db=db, desk="sqlite:////mine.db").desk_url == "sqlite:////mine.db"
