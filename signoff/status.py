"""What a process answers to those who watch it: is it alive, is it ready, how is the desk doing. Reading is cheap.

``/livez``: the process does its work, or should be started anew. ``/healthz``: both databases answer and the queue is
up to date. ``/metrics``: numbers for Prometheus.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST

from signoff.database.executors import Executor
from signoff.database.numbers import Numbers
from signoff.errors import BackendUnavailable, SettingsInvalid
from signoff.jobs import unserved
from signoff.metrics import Reading, exposition
from signoff.reviews import Json
from signoff.service import Service, Step

_KEPT_SECONDS = 1.0
_SCAN_SECONDS, _SCANS = 30.0, 20  # a scan is late after so many seconds, and so many times what the last one took
PATHS = ("/livez", "/healthz", "/metrics")


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An HTTP answer."""

    status: int
    kind: str
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Look:
    """The desk as one look at its database found it; ``problem`` says why there is nothing to see."""

    numbers: Numbers | None = None
    executors: tuple[Executor, ...] = ()
    problem: str | None = None

    @property
    def unserved(self) -> dict[str, int]:
        """Return how many decisions wait for each graph that no living engine has."""
        served = [graph for executor in self.executors for graph in executor.graphs]
        return unserved(self.numbers.undecided, served) if self.numbers else {}


class Status:
    """Answers about one process's service. The database is asked once a second, however many ask."""

    def __init__(self, service: Callable[[], Service]) -> None:
        self._service = service
        self._lock, self._look, self._at = threading.Lock(), Look(), float("-inf")

    def answer(self, path: str) -> Reply:
        """Return what one of `PATHS` says; 404 for any other."""
        answers = {"/livez": self._live, "/healthz": self._health, "/metrics": self._metrics}
        found = answers.get(path.partition("?")[0])
        return found() if found else _json(HTTPStatus.NOT_FOUND, {"status": "there is no such page"})

    def _live(self) -> Reply:
        alive = self._service().looping
        return _json(_code(alive), {"status": "alive" if alive else "the loop of this process has ended"})

    def _health(self) -> Reply:
        service, look = self._service(), self.look()
        problems = {"desk": look.problem, "scan": _scan_problem(service), "service": _problem(service)}
        wrong = {name: problem for name, problem in problems.items() if problem}
        told: dict[str, Json] = {"status": "unavailable" if wrong else "ok", "problems": wrong}
        told |= {"executors": len(look.executors), "waiting_for_a_worker": look.unserved}
        return _json(_code(not wrong), told)

    def _metrics(self) -> Reply:
        service, look = self._service(), self.look()
        oldest = min(service.scans, key=_done)
        reading = Reading(
            numbers=look.numbers,
            executors=len(look.executors),
            unserved=sum(look.unserved.values()),
            applying=service.engine.busy,
            scan_lag=None if oldest.done_at is None else time.monotonic() - oldest.done_at,
            scan_seconds=oldest.seconds,
        )
        return Reply(status=HTTPStatus.OK, kind=CONTENT_TYPE_LATEST, body=exposition(reading))

    def look(self) -> Look:
        """Return what the database said at most a second ago."""
        with self._lock:
            if time.monotonic() - self._at >= _KEPT_SECONDS:
                self._look = look(self._service())
                self._at = time.monotonic()
            return self._look


def look(service: Service) -> Look:
    """Ask the desk's database how things stand. Never raises."""
    database = service.desk.database
    try:
        return Look(numbers=database.numbers.read(), executors=database.executors.living())
    except BackendUnavailable as error:
        return Look(problem=str(error))


def _done(scan: Step) -> float:
    return float("-inf") if scan.done_at is None else scan.done_at


def _problem(service: Service) -> str | None:
    """Return what keeps the process from its work; one of several sources that is silent does not."""
    scans = [scan.problem for scan in service.scans]
    others = [step.problem for step in service.steps if step not in service.scans]
    return next(filter(None, [*others, *(scans if all(scans) else [])]), None)


def _scan_problem(service: Service) -> str | None:
    newest = max(service.scans, key=_done)
    done, seconds = newest.done_at, newest.seconds
    if done is None:
        return "the first scan is not complete"
    age = time.monotonic() - done
    return f"the last complete scan ended {age:.0f} s ago" if age > max(_SCAN_SECONDS, _SCANS * seconds) else None


def listen(status: Status, address: str, port: int) -> ThreadingHTTPServer:
    """Answer over HTTP in threads of this process, until it ends. Raises `SettingsInvalid` for a port that is taken."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            reply = status.answer(self.path)
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.kind)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: a probe comes every few seconds."""

    try:
        server = ThreadingHTTPServer((address, port), Handler)
    except OSError as error:
        raise SettingsInvalid(
            f"Port {port} on {address} cannot be used: {error.strerror or error}. Give another --metrics-port."
        ) from error
    threading.Thread(target=server.serve_forever, name="signoff-status", daemon=True).start()
    return server


def _code(fine: bool) -> int:
    return HTTPStatus.OK if fine else HTTPStatus.SERVICE_UNAVAILABLE


def _json(status: int, told: dict[str, Json]) -> Reply:
    return Reply(status=status, kind="application/json", body=json.dumps(told).encode())
