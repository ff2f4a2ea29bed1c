"""LangGraph's saver for SQLite, whose own troubles can be told from those of the graph that runs on it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiosqlite
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata, CheckpointTuple
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from signoff.errors import BackendUnavailable

BUSY_SECONDS = 30.0
"""How long a locked file is waited for."""


class ExplainedSaver(AsyncSqliteSaver):
    """LangGraph's saver. What the file refuses is raised as `BackendUnavailable`, unlike what a node raises."""

    def __init__(self, connection: aiosqlite.Connection, path: Path) -> None:
        super().__init__(connection)
        self._path = path

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """See `AsyncSqliteSaver`."""
        with _explained(self._path):
            return await super().aget_tuple(config)

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """See `AsyncSqliteSaver`."""
        with _explained(self._path):
            return await super().aput(config, checkpoint, metadata, new_versions)

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """See `AsyncSqliteSaver`."""
        with _explained(self._path):
            await super().aput_writes(config, writes, task_id, task_path)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise BackendUnavailable(explain(path, error)) from error


def no_file(path: Path) -> str:
    """Say that there is no such file."""
    return f"There is no file {path}. Give the path of your graph's SQLite checkpoint database."


def explain(path: Path, error: sqlite3.Error) -> str:
    """Say what is wrong with a checkpoint file and what to do."""
    reason = str(error)
    if "not a database" in reason:
        return f"{path} is not a SQLite database. Give the file that your graph's SqliteSaver writes."
    if "locked" in reason or "busy" in reason:
        return f"{path} stayed locked for {BUSY_SECONDS:.0f} s by another program. It is read again at the next scan."
    return f"{path} cannot be read: {reason}. Check that the file exists, is readable and is not damaged."
