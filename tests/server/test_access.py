"""Keys, headers, servers that are gone or old, and threads that will expire."""

import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from contract import graphs
from server.proxy import Proxy
from server.remote import NamedThreads

from signoff.agent_server import AgentServer
from signoff.checkpoints.locks import FileLocks
from signoff.checkpoints.server import ServerCheckpoints
from signoff.doctor import Level, examine
from signoff.errors import BackendUnavailable, SettingsInvalid
from signoff.reviews import Query
from signoff.server_access import ServerAccess
from signoff.server_source import open_server
from signoff.settings import Settings, read_settings
from signoff.wiring import open_desk

KEY = "lsv2-secret-4711"


def reading(url, tmp_path):
    return closing(ServerCheckpoints(AgentServer(url), FileLocks(tmp_path / "locks"), every=0))


def test_a_wrong_key_says_which_setting_to_check_and_never_shows_the_key(dev_server):
    with Proxy(dev_server.port, key=KEY) as proxy, pytest.raises(BackendUnavailable) as refused:
        open_server(proxy.url, ServerAccess(api_key="wrong-secret"), desk_file=None)

    assert "SIGNOFF_SERVER_API_KEY" in str(refused.value)
    assert "wrong-secret" not in f"{refused.value!r} {refused.value.__cause__!r}"


def test_the_key_and_the_headers_of_the_settings_are_sent(dev_server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SIGNOFF_SERVER_API_KEY", KEY)
    with Proxy(dev_server.port, key=KEY) as proxy:
        (tmp_path / "signoff.toml").write_text(f'db = "{proxy.url}"\n[server.headers]\nx-team = "payments"\n')
        settings = read_settings()
        desk = open_desk(settings)
        desk.close()

    assert {headers.get("x-team") for _, _, headers in proxy.asked} == {"payments"}
    assert KEY not in f"{settings!r} {settings.model_dump()}"


def test_a_desk_of_a_server_lies_in_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert (
        Settings(db="https://agents.example:8443/x").desk_url == f"sqlite:///{tmp_path}/agents.example-8443.signoff.db"
    )


def test_a_server_that_is_not_there_is_said_to_be_away_and_what_to_do():
    with pytest.raises(BackendUnavailable, match=r"does not answer.*Start it, or check --db"):
        open_server("http://127.0.0.1:9", ServerAccess(), desk_file=None)


def test_the_password_in_a_server_s_address_is_in_no_message():
    server = AgentServer("http://ada:secret@127.0.0.1:1/?key=secret", timeout=5)

    with pytest.raises(BackendUnavailable, match=r"at http://ada@127\.0\.0\.1:1/ does not answer") as told:
        server.assistants()

    assert "secret" not in str(told.value)


def test_without_the_sdk_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "langgraph_sdk", None)

    with pytest.raises(SettingsInvalid, match=r"signoff\[server\]"):
        AgentServer("http://127.0.0.1:9")


def test_a_connection_that_breaks_once_is_tried_again_for_reading(dev_server):
    broken = []

    def breaks(path, asked, status, answered):
        if path.startswith("/threads/count") and not broken:
            broken.append(path)
            return 503, {"detail": "restarting"}
        return None

    with Proxy(dev_server.port, change=breaks) as proxy, closing(AgentServer(proxy.url)) as asked:
        assert asked.count() is not None
    assert broken


def old(path, asked, status, answered):
    """Answer as Aegra 0.11 does: no interrupts in rows, no count, no select, no search by ids."""
    if path.startswith("/threads/count"):
        return 405, {"detail": "Method Not Allowed"}
    if path.startswith("/threads/search"):
        if "select" in asked or "ids" in asked:
            return 422, {"detail": "extra fields not permitted"}
        return status, [{k: v for k, v in row.items() if k != "interrupts"} for row in answered]
    return None


def test_an_older_server_is_read_state_by_state_and_what_it_lacks_is_told(office, dev_server, tmp_path):
    office.pause(graphs.one, "a")
    office.pause(graphs.parallel, "b")
    with Proxy(dev_server.port, change=old) as proxy, reading(proxy.url, tmp_path) as checkpoints:
        cursor = checkpoints.changes(None).cursor
        heads = list(checkpoints.heads())

        assert sorted(len(head.open) for head in heads) == [1, 2]
        assert checkpoints.changes(cursor).thread_ids == ()
        again = checkpoints.heads([head.thread_id for head in heads])
        assert [len(head.open) for head in again] == [len(head.open) for head in heads]
        assert set(checkpoints.server.lacks) == {"select", "count", "interrupts", "ids"}
        assert len(checkpoints.limits) == 4


def test_doctor_says_what_a_server_is_and_what_it_lacks(office, dev_server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    office.pause(graphs.one)
    with Proxy(dev_server.port, change=old) as proxy:
        found = [one for one in examine(Settings(db=proxy.url)) if one.check == "server"]

    assert [one.message for one in found if "asking something: 1" in one.message]
    assert len([one for one in found if one.level is Level.NOTE]) >= 3


def test_doctor_says_when_there_is_no_server(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    [found] = [one for one in examine(Settings(db="http://127.0.0.1:9")) if one.check == "server"]

    assert (found.level, found.exit_code) == (Level.WRONG, 8)


def test_a_thread_that_will_expire_says_when(office, dev_server, tmp_path):
    """The dev server deletes nothing; the row is that of ``ThreadTTLInfo`` in langgraph-api 0.16.7."""
    end = datetime.now(UTC) + timedelta(hours=3)

    def with_ttl(path, asked, status, answered):
        if "include=ttl" in path and status == 200:
            ttl = {"strategy": "delete", "ttl_minutes": 180.0, "expires_at": end.isoformat()}
            return status, {**answered, "ttl": ttl}
        return None

    office.pause(graphs.one)
    there = office.store.checkpoints.server._there("t")
    with Proxy(dev_server.port, change=with_ttl) as proxy, reading(proxy.url, tmp_path) as checkpoints:
        [head] = checkpoints.heads([there])

    assert head.expires_at == end
    assert office.store.head().expires_at is None


def test_threads_run_by_hand_are_shown_by_a_desk_that_is_opened_from_settings(
    office, dev_server, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    office.pause(graphs.one)

    desk = open_desk(Settings(db=dev_server.url))
    desk.scan()

    [review] = desk.queue(Query()).reviews
    assert (review.graph, review.title) == ("one", "Approve?")
    shape = desk.graphs.shape("one")
    assert (shape.nodes, set(shape.channels)) == (("ask", "done"), {"x", "log"})
    assert ("__start__", "ask") in [(way.source, way.target) for way in shape.outline.ways]
    desk.close()


def test_names_of_threads_in_these_tests_are_those_of_one_server_only(server):
    with closing(NamedThreads(server.address)) as other:
        assert other._there("t") != server._there("t")
