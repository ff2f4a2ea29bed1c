"""LangGraph's saver for PostgreSQL, which writes only while its thread is ours (see `postgres_lock`)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
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
from signoff.checkpoints.postgres_lock import PATIENT, QUICK_TO_NOTICE, ThreadLocks, lock_key, through_pooler
from signoff.errors import BackendUnavailable

T = TypeVar("T")


@asynccontextmanager
async def open_saver(address: Address, locks: ThreadLocks) -> AsyncIterator[FencedSaver]:
    """Open a saver on one connection of its own, with the serializer that brings back user classes.

    Autocommit and rows as dictionaries are what `AsyncPostgresSaver` needs (3.2.0).
    """
    try:
        connection = await psycopg.AsyncConnection.connect(
            address.conninfo, autocommit=True, prepare_threshold=None, row_factory=dict_row
        )
    except psycopg.Error as error:
        raise address.explain(error) from None
    async with connection:
        yield FencedSaver(connection, address, locks)


class FencedSaver(AsyncPostgresSaver):
    """LangGraph's saver. What the server refuses is raised as `BackendUnavailable`, unlike what a node raises."""

    def __init__(self, connection: psycopg.AsyncConnection[DictRow], address: Address, locks: ThreadLocks) -> None:
        super().__init__(connection)
        self._connection, self._address, self._locks = connection, address, locks
        self._pens: set[str] = set()
        self._taking = asyncio.Lock()

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """See `AsyncPostgresSaver`."""
        return await self._fenced(config, super().aget_tuple(config))

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """See `AsyncPostgresSaver`."""
        return await self._fenced(config, super().aput(config, checkpoint, metadata, new_versions))

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """See `AsyncPostgresSaver`."""
        await self._fenced(config, super().aput_writes(config, writes, task_id, task_path))

    async def aget_delta_channel_history(
        self, *, config: RunnableConfig, channels: Sequence[str]
    ) -> Mapping[str, DeltaChannelHistory]:
        """See `AsyncPostgresSaver`."""
        read = super().aget_delta_channel_history(config=config, channels=channels)
        return await self._fenced(config, read)

    async def _fenced(self, config: RunnableConfig, call: Coroutine[Any, Any, T]) -> T:
        try:
            await self._take_pen(str(config["configurable"]["thread_id"]))
            return await call
        except psycopg.Error as error:
            raise self._address.explain(error) from error
        finally:
            call.close()  # a call that was not made any more

    async def _take_pen(self, thread_id: str) -> None:
        """Take the pen on this saver's own connection: who loses the connection can write no more."""
        async with self._taking:
            if thread_id in self._pens:
                return
            async with self.lock, self._connection.cursor() as cursor:
                if not self._pens:
                    await cursor.execute("SELECT pg_backend_pid() AS pid")
                    row = await cursor.fetchone()
                    if row is None or row["pid"] != self._connection.info.backend_pid:
                        raise BackendUnavailable(through_pooler(self._address.name))
                    await cursor.execute(PATIENT)
                    await cursor.execute(QUICK_TO_NOTICE)
                await cursor.execute("SELECT pg_advisory_lock(%s)", (lock_key("pen", thread_id),))
            if not await asyncio.to_thread(self._locks.stands, thread_id):
                raise BackendUnavailable(
                    f"The connection that held the lock of thread {thread_id!r} broke before the run began. Nothing "
                    "was written; the answer is delivered again."
                )
            self._pens.add(thread_id)
