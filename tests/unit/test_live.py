"""The live mark over a WebSocket: who may listen, what is told, and that nobody holds up anybody."""

import asyncio
import json
import threading
import time
from typing import ClassVar

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from unit.office import Office

from signoff import asgi
from signoff.database import Database
from signoff.live import GAP_SECONDS, Live
from signoff.room import Room

HOME = {"host": "127.0.0.1:8501", "origin": "http://127.0.0.1:8501"}


class Marks:
    """A mark that a test moves."""

    def __init__(self):
        self.now, self.reads = "1", 0

    def __call__(self):
        self.reads += 1
        return self.now


def served(live):
    return TestClient(Starlette(routes=[WebSocketRoute("/api/live", live.endpoint)]))


def live_on(mark, **more):
    return Live(mark, allowed=lambda asking: True, **more)


def told(tab):
    """Return the next mark that a tab is told."""
    return json.loads(tab.receive_text())["mark"]


def eventually(met):
    deadline = time.monotonic() + 60
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_tab_is_told_the_mark_at_once_and_again_when_it_moves():
    mark = Marks()

    with served(live_on(mark)).websocket_connect("/api/live") as tab:
        assert told(tab) == "1"
        mark.now = "2"
        assert told(tab) == "2"


def test_all_tabs_share_one_look_and_nobody_listening_costs_nothing():
    mark = Marks()
    live = live_on(mark)
    with served(live) as client:
        with client.websocket_connect("/api/live") as one, client.websocket_connect("/api/live") as two:
            assert (told(one), told(two)) == ("1", "1")
            assert live.listeners == 2
        eventually(lambda: live.listeners == 0)
        read = mark.reads
        time.sleep(0.3)

        assert mark.reads <= read + 1  # one that was under way


def test_what_another_process_decides_is_noticed(tmp_path):
    office = Office(tmp_path)
    office.pause("t", "Go on?")
    elsewhere = Database(f"sqlite:///{tmp_path}/desk.db")

    with served(live_on(lambda: str(office.desk.version()))).websocket_connect("/api/live") as tab:
        before = told(tab)
        elsewhere.scans.choose_graph("t", "asking", chosen_by="Grace")
        assert told(tab) != before

    elsewhere.close()
    office.desk.close()


def test_a_tab_that_takes_nothing_is_dropped_and_the_others_are_told():
    mark = Marks()
    live = live_on(mark, patience=0.05)

    class Stuck:
        """A socket whose sending never ends."""

        query_params: ClassVar = {}

        async def accept(self): ...

        async def send_text(self, text):
            await asyncio.Event().wait()

        async def receive_bytes(self):
            await asyncio.Event().wait()

    asyncio.run(asyncio.wait_for(live.endpoint(Stuck()), timeout=60))

    assert live.listeners == 0


def test_a_server_that_ends_waits_for_no_tab():
    live = live_on(Marks())

    async def serve_and_end():
        serving = asyncio.create_task(live.endpoint(Quiet()))
        while not live.listeners:
            await asyncio.sleep(0)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        return {task for task in asyncio.all_tasks() if task is not asyncio.current_task() and not task.cancelling()}

    assert asyncio.run(serve_and_end()) == set()
    assert live.listeners == 0


class Quiet:
    """A socket of a tab that stays open and says nothing."""

    query_params: ClassVar = {}

    async def accept(self): ...

    async def send_text(self, text): ...

    async def receive_bytes(self):
        await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("headers", "welcome"),
    [
        (HOME, True),
        (HOME | {"origin": "http://localhost:8501"}, False),
        (HOME | {"origin": "http://evil.example"}, False),
        (HOME | {"origin": "null"}, False),
        ({"host": "127.0.0.1:8501"}, False),
        ({"host": "evil.example", "origin": "http://evil.example"}, False),
    ],
)
def test_only_a_page_of_this_server_may_listen(headers, welcome, monkeypatch):
    monkeypatch.setattr(asgi, "is_host_allowed", lambda host: host == HOME["host"])
    live = Live(lambda: "1", allowed=asgi.may_listen)
    client = served(live)

    if welcome:
        with client.websocket_connect("/api/live", headers=headers) as tab:
            assert told(tab) == "1"
    else:
        with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect("/api/live", headers=headers):
            pass
        assert refused.value.code == 1008


def test_many_tabs_are_told_one_after_another_the_newest_mark_only():
    mark = Marks()
    live = live_on(mark)
    marks = []

    class Tab(Quiet):
        async def send_text(self, text):
            marks.append(json.loads(text)["mark"])

    async def crowd():
        tabs = [asyncio.create_task(live.endpoint(Tab())) for _ in range(10)]
        while len(marks) < 3:
            await asyncio.sleep(0.01)
        mark.now = "2"
        while marks.count("2") < 10:
            await asyncio.sleep(0.01)
        for tab in tabs:
            tab.cancel()
        await asyncio.gather(*tabs, return_exceptions=True)

    asyncio.run(asyncio.wait_for(crowd(), timeout=60))

    assert marks.count("2") == 10
    assert set(marks) == {"1", "2"}
    assert threading.active_count() < 50


def test_nobody_is_told_while_there_is_no_room_but_not_for_ever(monkeypatch):
    monkeypatch.setattr("signoff.live._LONGEST_SECONDS", 60)
    mark, room = Marks(), [True]
    with served(live_on(mark, room=lambda: room[0])).websocket_connect("/api/live") as tab:
        assert told(tab) == "1"
        room[0] = False
        for mark.now in ("2", "3"):
            read = mark.reads
            eventually(lambda read=read: mark.reads > read + 2)  # by then it is the newest
        room[0] = True
        assert told(tab) == "3"  # "2" would have come first, had it been told meanwhile

        monkeypatch.setattr("signoff.live._LONGEST_SECONDS", 0.1)
        room[0], mark.now = False, "4"
        assert told(tab) == "4"


@pytest.mark.parametrize(("room", "waits"), [(True, "LOOK_SECONDS"), (False, "SELDOM_SECONDS")])
def test_while_there_is_no_room_the_mark_is_read_more_seldom(monkeypatch, room, waits):
    for name in ("LOOK_SECONDS", "SELDOM_SECONDS"):
        monkeypatch.setattr(f"signoff.live.{name}", 0.01 if name == waits else 3_600)
    mark = Marks()
    with served(live_on(mark, room=lambda: room)).websocket_connect("/api/live") as tab:
        assert told(tab) == "1"
        mark.now = "2"
        assert told(tab) == "2"


def times_of(live, count, then=lambda told: None):
    """Return when each of so many tabs was told its first mark; ``then`` is called with how many were."""
    when = []

    class Tab(Quiet):
        async def send_text(self, text):
            when.append(time.monotonic())
            then(len(when))

    async def crowd():
        tabs = [asyncio.create_task(live.endpoint(Tab())) for _ in range(count)]
        while len(when) < count:
            await asyncio.sleep(0.01)
        for tab in tabs:
            tab.cancel()
        await asyncio.gather(*tabs, return_exceptions=True)

    asyncio.run(asyncio.wait_for(crowd(), timeout=60))
    return when


def test_after_a_quiet_while_a_few_tabs_are_told_at_once_and_the_others_in_turn():
    started = time.monotonic()

    when = times_of(live_on(Marks()), 12)

    assert when[11] - started >= 3 * GAP_SECONDS


def test_without_room_tabs_are_told_at_intervals_and_in_turn_also_when_it_comes_back(monkeypatch):
    monkeypatch.setattr("signoff.live._LONGEST_SECONDS", 2 * GAP_SECONDS)
    room = [False]
    live = live_on(Marks(), room=lambda: room[0])

    when = times_of(live, 16, then=lambda told: room.__setitem__(0, told >= 10))

    assert when[9] - when[0] >= 8 * 2 * GAP_SECONDS
    assert when[15] - when[9] >= 4 * GAP_SECONDS


def test_the_dashboard_tells_its_tabs_when_it_has_room():
    assert isinstance(asgi._live._room, Room)


def test_what_happens_is_told_to_all_at_once_though_nobody_may_be_drawn(monkeypatch):
    monkeypatch.setattr("signoff.live._LONGEST_SECONDS", 60)
    mark, happened, room = Marks(), {"at": 2, "news": ["a pause"]}, [True]
    reports = iter([None, None, happened])  # before all, with mark 1, with mark 2
    live = live_on(mark, reporting=lambda: lambda: next(reports), room=lambda: room[0])
    with served(live) as client, client.websocket_connect("/api/live") as one:
        assert told(one) == "1"
        with client.websocket_connect("/api/live") as two:
            assert told(two) == "1"
            room[0], mark.now = False, "2"
            assert [json.loads(tab.receive_text()) for tab in (one, two)] == [happened, happened]

            room[0] = True
            assert (told(one), told(two)) == ("2", "2")


@pytest.mark.parametrize(
    ("asking", "missed"),
    [("", []), ("?shown=", []), ("?shown=x", []), ("?shown=2", []), ("?shown=1", ["early"]), ("?shown=500", [])],
)
def test_a_tab_hears_what_has_happened_since_it_was_drawn_and_nothing_older(asking, missed):
    mark, reports = Marks(), iter([None, {"at": 2, "news": ["early"]}, {"at": 3, "news": ["late"]}])
    live = live_on(mark, reporting=lambda: lambda: next(reports))
    with served(live) as client, client.websocket_connect("/api/live") as one:
        assert {"at": 2, "news": ["early"]} in [json.loads(one.receive_text()) for _ in range(2)]
        with client.websocket_connect(f"/api/live{asking}") as two:
            heard = [json.loads(two.receive_text()) for _ in range(1 + len(missed))]
            mark.now = "2"
            heard += [json.loads(two.receive_text()) for _ in range(2)]

    assert sorted(one["mark"] for one in heard if "mark" in one) == ["1", "2"]
    assert [what for one in heard for what in one.get("news", [])] == [*missed, "late"]


def test_what_cannot_be_reported_or_read_keeps_nobody_from_hearing_of_the_next_change(caplog):
    mark, reports = Marks(), iter([ValueError("a damaged row"), ValueError("still"), {"at": 2, "news": ["late"]}])

    def report():
        if isinstance(said := next(reports), Exception):
            raise said
        return said

    with served(live_on(mark, reporting=lambda: report)).websocket_connect("/api/live") as tab:
        assert told(tab) == "1"
        mark.now = "2"
        heard = [json.loads(tab.receive_text()) for _ in range(2)]

    assert {"mark": "2"} in heard
    assert {"at": 2, "news": ["late"]} in heard
    assert "a damaged row" in caplog.text


def test_a_slow_tab_is_told_each_report_once():
    mark, numbers = Marks(), iter(range(100))
    live = live_on(mark, reporting=lambda: lambda: {"at": next(numbers), "news": []})
    sent = []

    class Slow(Quiet):
        async def send_text(self, text):
            await asyncio.sleep(0.3)
            sent.append(json.loads(text).get("at"))

    async def listen():
        tab = asyncio.create_task(live.endpoint(Slow()))
        for number in range(10):
            mark.now = str(number)
            await asyncio.sleep(0.12)
        while live._reported not in sent:
            await asyncio.sleep(0.05)
        tab.cancel()
        await asyncio.gather(tab, return_exceptions=True)

    asyncio.run(asyncio.wait_for(listen(), timeout=60))

    heard = [at for at in sent if at is not None]
    assert heard == [*range(1, live._reported + 1)]
