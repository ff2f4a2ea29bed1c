"""Tells open tabs that the desk has changed, and how: one look per process, however many tabs are open."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket, WebSocketDisconnect

from signoff.reviews import Json

LOOK_SECONDS = 0.1
"""How often the mark is read while somebody listens; nobody listens, nothing is read."""
SELDOM_SECONDS = 0.25
"""The same while there is no room: what is found is told to all, which is work, too."""
GAP_SECONDS = 0.075
"""Between two tabs that are told of a change: each may draw its page again."""
_AT_ONCE = 8  # tabs that are told without a gap when none was told for a while
_LONGEST_SECONDS, _MOMENT_SECONDS = 0.3, 0.02  # a tab waits for room at most; between two looks
_PATIENCE_SECONDS = 5.0  # with a tab that does not take what it is sent
_KEPT = 20  # reports, for tabs that are slow, or come back; what they miss they see when they are drawn
_DIGITS = 18  # of a version
_log = logging.getLogger(__name__)
Report = Callable[[], Json]
"""Returns what has happened since it was called last, None for nothing: see `signoff.news`."""


class Live:
    """A WebSocket endpoint that sends what happens on the desk at once, and ``{"mark": …}`` when a tab may be drawn.

    ``mark`` and the reports are called in a thread; ``reporting`` begins to report whenever somebody begins to listen.
    ``allowed`` decides by the request's headers who may listen, ``room`` whether this process has time to draw.
    A tab says which version it shows (``?shown=12``), and is told what has happened since, as far as it was reported
    and is kept. One that is slow is told the newest mark only; one that takes nothing for five seconds is dropped.
    Tabs are told the mark one after another, and more seldom while there is no room, so that no click and no page that
    somebody opens queues behind the drawings of them all.
    """

    def __init__(
        self,
        mark: Callable[[], str],
        *,
        allowed: Callable[[HTTPConnection], bool],
        reporting: Callable[[], Report] = lambda: lambda: None,
        room: Callable[[], bool] = lambda: True,
        patience: float = _PATIENCE_SECONDS,
    ) -> None:
        self._mark, self._allowed, self._room, self._patience = mark, allowed, room, patience
        self._reporting = reporting
        self._newest, self._reported = "", 0
        self._reports = deque[tuple[int, str]](maxlen=_KEPT)  # the newest, with the versions that they are of
        self._moved = asyncio.Condition()
        self._looking: asyncio.Task[None] | None = None
        self._turn, self._due = asyncio.Lock(), 0.0
        self.listeners = 0

    async def endpoint(self, socket: WebSocket) -> None:
        """Serve one tab until it leaves."""
        if not self._allowed(socket):
            await socket.close(code=1008)
            return
        await socket.accept()
        self.listeners += 1
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        ways = (self._tell(socket), self._inform(socket), _until_gone(socket))
        tasks = {asyncio.create_task(way) for way in ways}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:  # not awaited: this may itself be a cancellation, which has to end now
                task.cancel()
            self.listeners -= 1
            if self.listeners == 0 and self._looking:
                self._looking.cancel()
                self._looking = None

    async def _look(self) -> None:
        report = self._reporting()
        await _read(report)  # what is new is so from here on
        while True:
            mark = await _read(self._mark)
            if mark not in (None, self._newest):
                happened = await _read(report)
                async with self._moved:
                    self._newest = mark
                    if happened is not None:
                        self._reported += 1
                        self._reports.append((happened["at"], json.dumps(happened)))
                    self._moved.notify_all()
            await asyncio.sleep(LOOK_SECONDS if self._room() else SELDOM_SECONDS)

    async def _tell(self, socket: WebSocket) -> None:
        told = ""
        while True:
            async with self._moved:
                await self._moved.wait_for(lambda told=told: self._newest != told)  # type: ignore[misc]  # bound now
            await self._wait_for_turn()
            told = self._newest
            if not await self._takes(socket, json.dumps({"mark": told})):
                return

    async def _inform(self, socket: WebSocket) -> None:
        shown, told = socket.query_params.get("shown", "")[:_DIGITS], self._reported
        reports = [text for at, text in self._reports if shown.isdecimal() and at > int(shown)]
        while True:
            for text in reports:
                if not await self._takes(socket, text):
                    return
            async with self._moved:
                await self._moved.wait_for(lambda told=told: self._reported > told)  # type: ignore[misc]
                reports = [text for _, text in self._reports][told - self._reported :]
                told = self._reported

    async def _takes(self, socket: WebSocket, text: str) -> bool:
        try:
            async with asyncio.timeout(self._patience):
                await socket.send_text(text)
        except (TimeoutError, WebSocketDisconnect, RuntimeError):  # starlette raises the last when it is closed
            return False
        return True

    async def _wait_for_turn(self) -> None:
        async with self._turn:
            await asyncio.sleep(self._due - time.monotonic())
            earliest = time.monotonic() - _AT_ONCE * GAP_SECONDS
            latest = time.monotonic() + _LONGEST_SECONDS
            while not self._room() and time.monotonic() < latest:
                await asyncio.sleep(_MOMENT_SECONDS)
                earliest = time.monotonic()  # who had to wait for room has saved up nothing
            self._due = max(self._due, earliest) + GAP_SECONDS


async def _read(what: Callable[[], Any]) -> Any:
    """Return what a reading says, None when it failed: whoever listens is to hear of what comes later."""
    try:
        return await asyncio.to_thread(what)
    except Exception:  # noqa: BLE001 - whatever it is, it must not end the looking
        _log.exception("Tabs could not be told of a change")
        return None


async def _until_gone(socket: WebSocket) -> None:
    """Read and ignore what a tab sends; it has nothing to say."""
    try:
        while True:
            await socket.receive_bytes()
    except (WebSocketDisconnect, KeyError, RuntimeError):
        return
