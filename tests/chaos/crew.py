"""Workers that are killed or stopped at random while they work, and replaced."""

import random
import signal
import subprocess
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Any


class Crew:
    """``size`` workers of a workspace, under fire while inside ``with``; those that are stopped go on after a while.

    ``work()`` starts a worker and returns when its engine runs; ``every`` is the mean of the seconds from blow to blow.
    """

    def __init__(self, work: Any, *, size: int, every: float, seed: int = 1, stopped_for: float = 3.0) -> None:
        self._work, self._every, self._stopped_for = work, every, stopped_for
        self._random = random.Random(seed)
        self.workers: list[subprocess.Popen[str]] = [work() for _ in range(size)]
        self.killed: list[int] = []
        self.stopped: list[int] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._fire)

    def __enter__(self) -> "Crew":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _fire(self) -> None:
        while not self._over.wait(self._random.uniform(0.5, 1.5) * self._every):
            place = self._random.randrange(len(self.workers))
            struck = self.workers[place]
            if self._random.random() < 0.5:
                struck.kill()
                struck.wait()
                self.killed.append(struck.pid)
                self.workers[place] = self._replaced()
            else:
                struck.send_signal(signal.SIGSTOP)
                self.stopped.append(struck.pid)
                time.sleep(self._stopped_for)
                struck.send_signal(signal.SIGCONT)

    def _replaced(self) -> subprocess.Popen[str]:
        """Start a worker, as often as it takes: one that meets a database that is away ends."""
        while True:
            with suppress(AssertionError):
                return self._work()
            time.sleep(0.2)
