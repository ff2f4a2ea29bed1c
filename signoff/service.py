"""A desk at work in this process: its engine, and the loop that keeps the queue up to date. One per process."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from signoff import metrics, timing
from signoff.checkpoints import Waking
from signoff.database.listening import Listener
from signoff.desk import Desk
from signoff.engine import Engine
from signoff.errors import BackendUnavailable
from signoff.glance import Glance
from signoff.settings import Settings, read_settings
from signoff.wiring import open_desk, open_engine

_SCAN_SECONDS, _ENGINE_SECONDS, _TIME_SECONDS = 0.25, 1.0, 1.0
_SHARE = 10  # a step that took so many seconds rests for ten times as long
_FIRST_SECONDS = 10.0
_log = logging.getLogger(__name__)
_lock = threading.Lock()
_service: Service | None = None


@dataclass(kw_only=True)
class Step:
    """Something the loop does again and again: ``every`` so many seconds, less often when it takes long.

    ``problem`` says what kept it from its work the last time, ``done_at`` when it was last done (`time.monotonic`),
    ``seconds`` how long that took.
    """

    act: Callable[[], object]
    every: float
    due: float = 0.0
    rested: float = 0.0
    problem: str | None = None
    done_at: float | None = None
    seconds: float = 0.0

    def take(self, now: float) -> None:
        """Act if the time has come."""
        if now < self.due:
            return
        started = time.monotonic()
        try:
            self.act()
            self.problem, self.done_at = None, time.monotonic()
            self.seconds = self.done_at - started
        except BackendUnavailable as error:
            if str(error) != self.problem:
                _log.warning("%s", error)
            self.problem = str(error)
        except Exception as error:  # noqa: BLE001 - a defect, which must not end the loop: what else there is goes on
            problem = f"Signoff met an error of its own, which its log describes: {type(error).__name__}: {error}"
            if problem != self.problem:
                _log.exception("A scan met a defect of Signoff.")
            self.problem = problem
        took = time.monotonic() - started
        self.due, self.rested = now + max(self.every, _SHARE * took), now + 2 * took

    def hurry(self) -> None:
        """Act at the next turn, or when the step has rested for as long as it took."""
        self.due = min(self.due, self.rested)


class Round:
    """Steps that are taken one after another, in a thread of their own: one that hangs holds up no other round.

    ``looked`` is set when each had its first turn. Whoever sets ``woken`` has those of the ``urgent`` steps that are
    here taken at once.
    """

    def __init__(self, steps: Sequence[Step], stopping: threading.Event, *, urgent: Sequence[Step] = ()) -> None:
        self._steps, self._stopping, self._urgent = steps, stopping, [step for step in steps if step in urgent]
        self.looked, self.woken = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._run, name="signoff-scan", daemon=True)

    def _run(self) -> None:
        self._turn()
        self.looked.set()
        while not self._stopping.is_set():
            if self.woken.wait(_SCAN_SECONDS):
                self.woken.clear()
                for step in self._urgent:
                    step.hurry()
            if not self._stopping.is_set():
                self._turn()

    def _turn(self) -> None:
        for step in self._steps:
            step.take(time.monotonic())


class Service:
    """Scans several times a second, and runs an engine if it is to. Each of several sources has a round of its own.

    On SQLite it stands by while another process runs the engine. ``timed`` is told how each decision here ended, and
    how many seconds it took.
    """

    def __init__(
        self, settings: Settings, *, timed: Callable[[str, float], object] = lambda _outcome, _seconds: None
    ) -> None:
        self.settings = settings
        self.desk: Desk = open_desk(settings)
        self.engine: Engine = open_engine(self.desk, settings, timed=timed)
        self.scans = [Step(act=scan, every=_SCAN_SECONDS) for scan in self.desk.scanner.scans]
        engine = Step(act=self._keep_engine, every=_ENGINE_SECONDS)
        time_keeper = Step(act=self._keep_time, every=_TIME_SECONDS)
        self.steps = [engine, *self.scans, time_keeper]
        alone = [[engine, time_keeper], *([scan] for scan in self.scans)]
        self._stopping = threading.Event()
        rounds = [self.steps] if len(self.scans) == 1 else alone
        self._rounds = [Round(steps, self._stopping, urgent=self.scans) for steps in rounds]
        database = self.desk.database
        self._listener = None if database.file else Listener(database.engine, self.desk.version)
        self._version = self._listener.version if self._listener else self.desk.version
        self.glance = Glance(self.mark)

    @property
    def problem(self) -> str | None:
        """Return what keeps the desk from being up to date, None when nothing does."""
        return next((step.problem for step in self.steps if step.problem), None)

    @property
    def reading(self) -> bool:
        """Return whether the first scan is still under way."""
        return not all(one.looked.is_set() for one in self._rounds)

    def mark(self) -> str:
        """Return a text that is another one whenever pages may have something else to show. Never raises."""
        try:
            return f"{self._version()}{'!' if self.problem else ''}{'…' if self.reading else ''}"
        except BackendUnavailable:
            return "?"

    def own_mark(self) -> str:
        """Return the mark as it is after something that this process has written."""
        if self._listener:
            self._listener.doubt()
        return self.glance.read(fresh=True)

    def start(self) -> None:
        """Start the engine and the loop; wait for the first scan, but not for long."""
        until = time.monotonic() + _FIRST_SECONDS
        for one in self._rounds:
            one.thread.start()
        if isinstance(self.desk.checkpoints, Waking):
            self.desk.checkpoints.listen(self._wake)
        for one in self._rounds:
            one.looked.wait(max(0, until - time.monotonic()))

    @property
    def looping(self) -> bool:
        """Return whether all rounds are still at work; none ends by itself."""
        return all(one.thread.is_alive() for one in self._rounds)

    def stop(self) -> None:
        """Stop both, giving running nodes ``drain`` seconds; what is unfinished is taken up by another engine."""
        self._stopping.set()
        self._wake()
        for one in self._rounds:
            one.thread.join()
        self.engine.stop(grace_seconds=self.settings.drain)
        if self._listener:
            self._listener.close()
        self.desk.close()

    def _wake(self) -> None:
        for one in self._rounds:
            one.woken.set()

    def _keep_engine(self) -> None:
        if self.settings.engine and not self.engine.running:
            self.engine.start()

    def _keep_time(self) -> None:
        if self.engine.running:
            timing.tick(self.desk)


def service(settings: Settings | None = None) -> Service:
    """Return this process's service, started on the first call. Raises `SettingsInvalid` or `BackendUnavailable`.

    Kept in a module, not in Streamlit's resource cache: any connected client can clear that cache (streamlit 1.67).
    """
    global _service  # noqa: PLW0603 - one per process is the point
    with _lock:
        if _service is None:
            starting = Service(settings or read_settings(), timed=metrics.timed)
            starting.start()
            _service = starting
        return _service


def stop_service() -> None:
    """Stop this process's service, if there is one."""
    global _service  # noqa: PLW0603 - see `service`
    with _lock:
        if _service is not None:
            _service.stop()
            _service = None
