"""Locks of threads as files in a folder: they fall with the process that holds them, and work across processes."""

from __future__ import annotations

import hashlib
from pathlib import Path

from filelock import FileLock, Timeout


class FileLocks:
    """Lock files of one folder, shared by hash among 4,096, so that it stays small; a collision only costs waiting."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def lock(self, thread_id: str) -> FileLock:
        """Return the thread's lock, which waits for ever."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return FileLock(self._folder / f"{hashlib.sha256(thread_id.encode()).hexdigest()[:3]}.lock")

    def busy(self, thread_id: str) -> bool:
        """Tell whether somebody holds that lock this moment, or that of a thread that shares its file."""
        try:
            with self.lock(thread_id).acquire(timeout=0):
                return False
        except Timeout:
            return True
