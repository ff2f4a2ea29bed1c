"""LangGraph's saver for PostgreSQL, which writes only while its thread is ours (see `postgres_lock`)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar

import psycopg
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    DeltaChannelHistory,
)
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from psycopg.rows import DictRow, dict_row

from signoff.checkpoints.postgres_connection import Address
from signoff.checkpoints.postgres_lock import PATIENT, QUICK_TO_NOTICE, ThreadLocks, Turn, lock_key, through_pooler
from signoff.errors import BackendUnavailable

T = TypeVar("T")
Connection = psycopg.AsyncConnection[DictRow]
_PATIENCE_SECONDS, _AGAIN_SECONDS = 30.0, 0.2
_log = logging.getLogger(__name__)


@asynccontextmanager
async def open_saver(address: Address, locks: ThreadLocks) -> AsyncIterator[FencedSaver]:
    """Open a saver on one connection of its own, with the serializer that brings back user classes."""
    saver = FencedSaver(await _connect(address), address, locks.current)
    try:
        yield saver
    finally:
        await saver.close()


async def _connect(address: Address) -> Connection:
    """Connect with autocommit and rows as dictionaries, which `AsyncPostgresSaver` needs (3.2.0)."""
    try:
        return await psycopg.AsyncConnection.connect(
            address.conninfo, autocommit=True, prepare_threshold=None, row_factory=dict_row
        )
    except psycopg.Error as error:
        raise address.explain(error) from None


class ThreadMoved(BackendUnavailable):
    """Somebody else wrote to the thread while a run had lost its connection; the run has ended."""

    def __init__(self, thread_id: str) -> None:
        super().__init__(
            f"The connection of a run on thread {thread_id!r} broke, and another run took over. Nothing more was "
            "written by the first one."
        )


class FencedSaver(AsyncPostgresSaver):
    """LangGraph's saver. What the server refuses is raised as `BackendUnavailable`, unlike what a node raises.

    A broken connection is replaced, and the call made again (each can be): see `postgres_lock`.
    """

    def __init__(self, connection: Connection, address: Address, turn: Turn | None) -> None:
        super().__init__(connection)
        self._connection, self._address, self._turn = connection, address, turn
        self._pens: set[str] = set()
        self._seen = Seen()
        self._taking = asyncio.Lock()

    async def close(self) -> None:
        """Close the connection, and give back the pens with it."""
        await self._connection.close()

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """See `AsyncPostgresSaver`."""
        found = await self._fenced(config, partial(super().aget_tuple, config))
        if found:
            self._seen.checkpoint(found)
        return found

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """See `AsyncPostgresSaver`."""
        self._seen.ids.add(checkpoint["id"])
        return await self._fenced(config, partial(super().aput, config, checkpoint, metadata, new_versions))

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """See `AsyncPostgresSaver`."""
        self._seen.writes(config["configurable"]["checkpoint_id"], task_id, [channel for channel, _ in writes])
        await self._fenced(config, partial(super().aput_writes, config, writes, task_id, task_path))

    async def aget_delta_channel_history(
        self, *, config: RunnableConfig, channels: Sequence[str]
    ) -> Mapping[str, DeltaChannelHistory]:
        """See `AsyncPostgresSaver`."""
        read = partial(super().aget_delta_channel_history, config=config, channels=channels)
        return await self._fenced(config, read)

    async def _fenced(self, config: RunnableConfig, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
        thread_id = str(config["configurable"]["thread_id"])
        while True:
            used = self._connection
            try:
                await self._take_pen(thread_id)
                return await call()
            except psycopg.Error as error:
                if not used.closed or not self._pens:
                    raise self._address.explain(error) from error
                await self._reconnect(thread_id, used)

    async def _take_pen(self, thread_id: str) -> None:
        """Take the pen on this saver's own connection: who loses the connection can write no more."""
        async with self._taking:
            if thread_id not in self._pens:
                async with self.lock:
                    await self._pen_on(self._connection, thread_id)
                self._pens.add(thread_id)

    async def _pen_on(self, connection: Connection, thread_id: str) -> None:
        async with connection.cursor() as cursor:
            await cursor.execute("SELECT pg_backend_pid() AS pid")
            row = await cursor.fetchone()
            if row is None or row["pid"] != connection.info.backend_pid:
                raise BackendUnavailable(through_pooler(self._address.name))
            await cursor.execute(PATIENT)
            await cursor.execute(QUICK_TO_NOTICE)
            await cursor.execute("SELECT pg_advisory_lock(%s)", (lock_key("pen", thread_id),))
        turn = self._turn if self._turn and self._turn.thread_id == thread_id else None
        if turn and not await asyncio.to_thread(turn.stands):
            raise BackendUnavailable(
                f"The connection that held the lock of thread {thread_id!r} broke before the run began. Nothing "
                "was written; the answer is delivered again."
            )

    async def _reconnect(self, thread_id: str, lost: Connection) -> None:
        """Take both locks again on new connections; go on where nobody wrote meanwhile. Raises `BackendUnavailable`."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        async with self._taking:
            while self._connection is lost:
                try:
                    await self._replace(thread_id)
                except BackendUnavailable as error:
                    if isinstance(error, ThreadMoved) or time.monotonic() >= deadline:
                        raise
                    await asyncio.sleep(_AGAIN_SECONDS)

    async def _replace(self, thread_id: str) -> None:
        if self._turn:
            await asyncio.to_thread(self._turn.retake)
        connection = await _connect(self._address)
        try:
            for pen in {*self._pens, thread_id}:
                await self._pen_on(connection, pen)
                await self._seen.require_all(connection, pen)
        except BaseException as error:
            await connection.close()
            if isinstance(error, psycopg.Error):
                raise self._address.explain(error) from error
            raise
        _log.info("The connection of a run on thread %s broke; it goes on with a new one.", thread_id)
        self.conn = self._connection = connection


class Seen:
    """What one saver has read or written of its threads: whatever else is there, somebody else wrote."""

    def __init__(self) -> None:
        self.ids: set[str] = set()
        self._writes: set[tuple[str, str, str]] = set()

    def checkpoint(self, found: CheckpointTuple) -> None:
        """Remember a checkpoint with the writes on it."""
        self.ids.add(found.checkpoint["id"])
        for task_id, channel, _ in found.pending_writes or ():
            self.writes(found.checkpoint["id"], task_id, [channel])

    def writes(self, checkpoint_id: str, task_id: str, channels: Sequence[str]) -> None:
        """Remember what a task writes on a checkpoint."""
        self._writes |= {(checkpoint_id, task_id, channel) for channel in channels}

    async def require_all(self, connection: Connection, thread_id: str) -> None:
        """Raise `ThreadMoved` unless the thread's newest checkpoint, in any namespace, and what is on it are known."""
        async with connection.cursor() as cursor:
            await cursor.execute("SELECT max(checkpoint_id) AS id FROM checkpoints WHERE thread_id = %s", (thread_id,))
            row = await cursor.fetchone()
            newest = row and row["id"]
            await cursor.execute(
                "SELECT task_id, channel FROM checkpoint_writes WHERE thread_id = %s AND checkpoint_id = %s",
                (thread_id, newest),
            )
            on_it = {(newest, row["task_id"], row["channel"]) for row in await cursor.fetchall()}
        if (newest is not None and newest not in self.ids) or not on_it <= self._writes:
            raise ThreadMoved(thread_id)
