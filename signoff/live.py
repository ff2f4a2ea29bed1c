"""Tells open tabs that the desk has changed: one look at its mark per process, however many tabs are open."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket, WebSocketDisconnect

LOOK_SECONDS = 0.1
"""How often the mark is read while somebody listens; nobody listens, nothing is read."""
GAP_SECONDS = 0.075
"""Between two tabs that are told of a change: each may draw its page again."""
_AT_ONCE = 8  # tabs that are told without a gap when none was told for a while
_BUSY = 1  # drawings; while there are more, no tab is told ...
_LONGEST_SECONDS, _MOMENT_SECONDS = 1.0, 0.02  # ... for so long at most; between two looks at them
_PATIENCE_SECONDS = 5.0  # with a tab that does not take what it is sent


class Live:
    """A WebSocket endpoint that sends the desk's mark whenever it has moved, and nothing else.

    ``mark`` is called in a thread, ``allowed`` decides by the request's headers who may listen, ``drawings`` says how
    many drawings this process is at. A tab that is slow is told the newest mark only; one that takes nothing for five
    seconds is dropped. Tabs are told one after another, and not while more than one thing is being drawn, so that no
    click and no page that somebody opens queues behind the drawings of them all.
    """

    def __init__(
        self,
        mark: Callable[[], str],
        *,
        allowed: Callable[[HTTPConnection], bool],
        drawings: Callable[[], int] = int,
        patience: float = _PATIENCE_SECONDS,
    ) -> None:
        self._mark, self._allowed, self._drawings, self._patience = mark, allowed, drawings, patience
        self._newest = ""
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
        tasks = {asyncio.create_task(self._tell(socket)), asyncio.create_task(_until_gone(socket))}
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
        while True:
            mark = await asyncio.to_thread(self._mark)
            if mark != self._newest:
                async with self._moved:
                    self._newest = mark
                    self._moved.notify_all()
            await asyncio.sleep(LOOK_SECONDS)

    async def _tell(self, socket: WebSocket) -> None:
        told = ""
        while True:
            async with self._moved:
                await self._moved.wait_for(lambda told=told: self._newest != told)  # type: ignore[misc]  # bound now
            await self._wait_for_turn()
            told = self._newest
            try:
                await asyncio.wait_for(socket.send_text(told), self._patience)
            except (TimeoutError, WebSocketDisconnect, RuntimeError):  # starlette raises the last when it is closed
                return

    async def _wait_for_turn(self) -> None:
        async with self._turn:
            await asyncio.sleep(self._due - time.monotonic())
            latest = time.monotonic() + _LONGEST_SECONDS
            while self._drawings() > _BUSY and time.monotonic() < latest:
                await asyncio.sleep(_MOMENT_SECONDS)
            self._due = max(self._due, time.monotonic() - _AT_ONCE * GAP_SECONDS) + GAP_SECONDS


async def _until_gone(socket: WebSocket) -> None:
    """Read and ignore what a tab sends; it has nothing to say."""
    try:
        while True:
            await socket.receive_bytes()
    except (WebSocketDisconnect, KeyError, RuntimeError):
        return
