"""One browser tab on the queue, for `load.py`: it speaks what a browser speaks to the server.

Two WebSockets: Streamlit's protocol, and the desk's news and its mark, at which the page's listener looks (live.js).
Fragments that run by themselves are asked for in their interval, as Streamlit's frontend does (1.67).
"""

from __future__ import annotations

import asyncio
import bisect
import itertools
import json
import math
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import websockets
from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates

EVERY = 30.0  # seconds between two decisions of a tab
BURST, GAP = 0.25, 1.0  # seconds, as in signoff/ui/live.js: until a change is asked for, and between two drawings
PATIENCE = 30.0  # seconds until a drawing that does not end is an error

Path = tuple[int, ...]


@dataclass
class Figures:
    """What was measured, in seconds, and what went wrong.

    ``behind``: from when the first of all tabs hears of a change until a tab shows it; ``heard``: these changes.
    ``news``: from when something is on record until a tab is told; ``happened``: when, by review and event.
    """

    paint: list[float] = field(default_factory=list)
    reaction: list[float] = field(default_factory=list)
    behind: list[float] = field(default_factory=list)
    heard: list[tuple[int, float]] = field(default_factory=list)
    news: list[float] = field(default_factory=list)
    happened: dict[tuple[str, str], float] = field(default_factory=dict)
    refused: int = 0
    decided: int = 0
    late: int = 0  # somebody else had decided it


class Tab:
    """A tab with the queue open and live, whose reviewer decides something every 30 seconds."""

    def __init__(self, port: int, figures: Figures, dice: random.Random) -> None:
        self.port, self.figures, self.dice = port, figures, dice
        self.drawn: dict[Path, tuple[Any, str]] = {}
        self.drawing: dict[Path, tuple[Any, str]] = {}
        self.running: set[str] = set()
        self.early = False  # the drawing before was cut short, or as good as finished when this one was asked for
        self.values: dict[str, WidgetState] = {}
        self.cache: dict[str, bytes] = {}
        self.finished = asyncio.Event()
        self.one_at_a_time = asyncio.Lock()
        self.clocks: dict[str, tuple[float, asyncio.Task[None]]] = {}
        self.mark = self.newest = ""
        self.moved = asyncio.Event()
        self.listener = ("", "")
        self.page = self.address = ""

    async def run(self, seconds: float) -> None:
        """Open the queue, keep it live, and decide something every 30 seconds."""
        origin = f"http://127.0.0.1:{self.port}"
        started = time.monotonic()
        try:
            where = f"ws://127.0.0.1:{self.port}/_stcore/stream"
            self.stream = await websockets.connect(
                where, origin=origin, subprotocols=["streamlit"], max_size=None, open_timeout=20
            )
            reading = asyncio.create_task(self._read())
            await self._rerun()
            self.figures.paint.append(time.monotonic() - started)
            live = await websockets.connect(f"ws://127.0.0.1:{self.port}/_live", origin=origin, open_timeout=20)
        except (OSError, TimeoutError, websockets.WebSocketException):
            self.figures.refused += 1
            return
        tasks = [reading, asyncio.create_task(self._hear(live)), asyncio.create_task(self._follow())]
        working = asyncio.create_task(self._work(seconds))
        try:
            await asyncio.wait([working, *tasks], return_when=asyncio.FIRST_COMPLETED)
            for task in (working, *tasks):  # what ended first has the word, be it an error
                if task.done():
                    task.result()
        finally:
            for task in (working, *tasks, *(clock for _, clock in self.clocks.values())):
                task.cancel()
            await asyncio.gather(working, *tasks, live.close(), self.stream.close(), return_exceptions=True)

    async def _work(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        await asyncio.sleep(self.dice.random() * EVERY)
        with suppress(LookupError):  # it is being drawn at this moment: this reviewer stays on the first page
            pages, fragment = self._find("pagination")
            await self._react(fragment, WidgetState(id=pages.id, int_value=self.dice.randint(1, pages.num_pages // 2)))
        while time.monotonic() < end:
            began = time.monotonic()
            await self._decide()
            await asyncio.sleep(max(0.0, min(EVERY - (time.monotonic() - began), end - time.monotonic())))

    async def _decide(self) -> None:
        """Open some review of the page, approve it, submit."""
        row = json.dumps({"selection": {"rows": [self.dice.randrange(50)], "columns": [], "cells": []}})
        try:
            table, fragment = self._find("dataframe")
            await self._react(fragment, WidgetState(id=table.id, string_value=row))
            yes, fragment = self._find("button_group", _offers("Approve"))
            state = WidgetState(id=yes.id)
            state.string_array_value.data.append("Approve")
            await self._react(fragment, state)
            await self._tell("typed", "now")
            submit, fragment = self._find("button", _labelled("Submit and resume"))
            await self._react(fragment, WidgetState(id=submit.id, trigger_value=True))
        except LookupError:  # somebody else decides this one at this moment
            self.figures.late += 1
            return
        if any(one.WhichOneof("type") == "button" and one.button.id == submit.id for one, _ in self.drawn.values()):
            self.figures.late += 1  # the form is still there, and says who was first
        else:
            self.figures.decided += 1

    def _find(self, kind: str, right: Callable[[Any], bool] = lambda _: True) -> tuple[Any, str]:
        for element, fragment in reversed(self.drawn.values()):
            if element.WhichOneof("type") == kind:
                proto = getattr(element, kind)
                if proto.id and right(proto):
                    return proto, fragment
        raise LookupError(kind)

    async def _react(self, fragment: str, state: WidgetState) -> None:
        began = time.monotonic()
        await self._rerun(fragment, state)
        self.figures.reaction.append(time.monotonic() - began)

    async def _tell(self, event: str, value: str) -> None:
        """Have the listener tell something, as live.js does."""
        component, fragment = self.listener
        said = WidgetState(id=_make_trigger_id(component, "events"))
        said.json_trigger_value = json.dumps([{"event": event, "value": value}])
        await self._rerun(fragment, said)

    async def _rerun(self, fragment: str = "", state: WidgetState | None = None) -> None:
        """Ask for a drawing and wait until it is there; one that is under way is waited for first."""
        async with self.one_at_a_time:
            if state is not None:
                self.values[state.id] = state
            if fragment and all(fragment != one for _, one in self.drawn.values()):
                raise LookupError(fragment)  # it went while another drawing was waited for; the server would ignore it
            self.finished.clear()
            await self._ask(fragment)
            async with asyncio.timeout(PATIENCE):  # asyncio.wait_for may swallow being cancelled (Python 3.11)
                await self.finished.wait()
            if state is not None and state.WhichOneof("value") in ("trigger_value", "json_trigger_value"):
                del self.values[state.id]

    async def _ask(self, fragment: str, *, by_itself: bool = False) -> None:
        message = BackMsg()
        asked = message.rerun_script
        asked.widget_states.CopyFrom(WidgetStates(widgets=self.values.values()))
        asked.fragment_id, asked.page_script_hash, asked.is_auto_rerun = fragment, self.page, by_itself
        asked.query_string, asked.context_info.timezone = self.address, "Europe/Berlin"
        await self.stream.send(message.SerializeToString())

    async def _read(self) -> None:
        async for data in self.stream:
            message = ForwardMsg.FromString(data)
            if message.WhichOneof("type") == "ref_hash":
                place = message.metadata
                message = ForwardMsg.FromString(self.cache[message.ref_hash])
                message.metadata.CopyFrom(place)
            elif message.hash:
                self.cache[message.hash] = data
            self._take(message)

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.page = message.new_session.page_script_hash
            self.drawing, self.running = {}, set(message.metadata.run.fragment_ids)
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._draw(message.delta.new_element, tuple(message.metadata.delta_path), message.delta.fragment_id)
        elif kind == "page_info_changed":
            self.address = message.page_info_changed.query_string
        elif kind == "auto_rerun":
            self._wind(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "stop_auto_rerun":
            for fragment in message.stop_auto_rerun.fragment_ids:
                self._stop(fragment)
        elif kind == "script_finished":
            self._finish(message.script_finished)

    def _draw(self, element: Any, place: Path, fragment: str) -> None:
        self.drawing[place] = element, fragment
        kind = element.WhichOneof("type")
        if kind == "dataframe" and (marked := element.dataframe.selection_state):
            self.values[element.dataframe.id] = WidgetState(id=element.dataframe.id, string_value=marked)
        if kind == "bidi_component" and element.bidi_component.component_name.endswith("live"):
            self.mark = json.loads(element.bidi_component.json)["mark"]
            self.listener = element.bidi_component.id, fragment

    def _finish(self, how: int) -> None:
        if how == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            self.drawn, self.early = {**self.drawn, **self.drawing}, True
        else:
            self._end(part=how == ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)

    def _end(self, *, part: bool) -> None:
        self.drawn = {**(self._kept() if part else {}), **self.drawing}
        if not part or self.early or any(fragment not in self.clocks for _, fragment in self.drawing.values()):
            self.finished.set()  # what draws itself by the clock is nobody's answer
        self.early = False
        self.moved.set()

    def _wind(self, fragment: str, interval: float) -> None:
        if fragment in self.clocks and self.clocks[fragment][0] == interval:
            return
        self._stop(fragment)
        self.clocks[fragment] = interval, asyncio.create_task(self._tick(fragment, interval))

    def _stop(self, fragment: str) -> None:
        if fragment in self.clocks:
            self.clocks.pop(fragment)[1].cancel()

    async def _tick(self, fragment: str, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            await self._ask(fragment, by_itself=True)

    def _kept(self) -> dict[Path, tuple[Any, str]]:
        """Return what stays on the screen when fragments are drawn: all that is neither of them nor in them."""
        places: dict[str, list[Path]] = {}
        for path, (_, fragment) in self.drawing.items():
            places.setdefault(fragment, []).append(path)
        inside = [_common(paths) for paths in places.values()]
        return {
            path: one
            for path, one in self.drawn.items()
            if one[1] not in self.running and not any(path[: len(at)] == at for at in inside)
        }

    async def _hear(self, live: Any) -> None:
        async for message in live:
            told = json.loads(message)
            if "news" in told:
                self._take_news(told["news"])
                continue
            mark = told["mark"]
            if mark.isdigit() and (not self.figures.heard or int(mark) > self.figures.heard[-1][0]):
                self.figures.heard.append((int(mark), time.monotonic()))
            self.newest = mark
            self.moved.set()

    def _take_news(self, news: list[dict[str, Any]]) -> None:
        now = time.monotonic()
        for one in news:
            event = "recorded" if one["outcome"] in ("recorded", "applying") else "settled"
            if since := self.figures.happened.get((one["review"], event)):
                self.figures.news.append(now - since)

    async def _follow(self) -> None:
        """Have the listener look when the desk has another mark than the drawing, as live.js does: once per second."""
        while True:
            await self.moved.wait()
            self.moved.clear()
            if self.newest in ("", self.mark) or _number(self.newest) < _number(self.mark):
                continue
            shown = _number(self.mark)
            await asyncio.sleep(BURST)
            began = time.monotonic()
            try:
                await self._tell("moved", self.newest)
            except LookupError:  # the whole page is being drawn
                continue
            place = bisect.bisect(self.figures.heard, (shown, math.inf))
            if place < len(self.figures.heard):
                self.figures.behind.append(time.monotonic() - self.figures.heard[place][1])
            await asyncio.sleep(max(0.0, began + GAP - time.monotonic()))


def _number(mark: str) -> int:
    """Return how often the desk had changed by a mark, which may end with a sign; told late, it is an old one."""
    digits = "".join(itertools.takewhile(str.isdigit, mark))
    return int(digits) if digits else 0


def _offers(word: str) -> Callable[[Any], bool]:
    return lambda group: any(option.content == word for option in group.options)


def _labelled(word: str) -> Callable[[Any], bool]:
    return lambda button: bool(button.label == word)


def _common(paths: list[Path]) -> Path:
    """Return the beginning that all paths share."""
    same = itertools.takewhile(lambda steps: len(set(steps)) == 1, zip(*paths, strict=False))
    return tuple(steps[0] for steps in same)
