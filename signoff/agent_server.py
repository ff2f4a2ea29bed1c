"""A LangGraph Agent Server, spoken to over HTTP: one place for the key, timeouts, retries and what errors mean.

Built on langgraph-sdk 0.4 (the extra ``[server]``), imported only when a server is opened. What follows was found by
running langgraph-api 0.16.7; where an older or another server cannot do something, `AgentServer.lacks` says what.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from signoff.errors import BackendUnavailable, SettingsInvalid
from signoff.server_access import knocked, shown
from signoff.server_shapes import Fits, anything, many, number, one

PAGE = 1_000
"""Rows that one search returns at most; more is refused with 422."""

_TRIES, _PAUSE_SECONDS = 3, 0.2
_LATER = frozenset({407, 408, 425, 429})  # nothing is said of what was asked
_SHOWN = 200  # characters of an answer in another form
_Found = TypeVar("_Found")
_OLD = "It is an older Agent Server, or another server that speaks its language."


class Gone(Exception):
    """The server knows no such thread, run, checkpoint or assistant (404)."""


class Busy(Exception):
    """A run is under way on the thread, so the server took no other (409, ``multitask_strategy="reject"``)."""


class Refused(Exception):
    """The server did not accept what was asked (4xx); the text is what it said."""


class Invalid(Refused):
    """The server could not make sense of what was asked (422), as of the id of a thread that is no UUID."""


class Unsure(BackendUnavailable):
    """The connection broke while something was to be changed: it may have been done or not."""


class Untold(BackendUnavailable):
    """The server has the thread, and does not tell what was asked of it, as where it has its graph no more."""


class AgentServer:
    """One Agent Server at a URL. Safe to share between threads.

    Reading is tried again when the connection fails; what changes something never is. Raises `BackendUnavailable`,
    from every method, when the server does not answer or does not let us in, and when something else answers,
    as a gateway does while the server is deployed anew. The key, and a
    password in the URL, are never part of a text.
    """

    def __init__(
        self, url: str, *, api_key: str | None = None, headers: Mapping[str, str] | None = None, timeout: float = 30
    ) -> None:
        self.address, self.timeout = shown(url.rstrip("/")), timeout
        self._client = _client(url.rstrip("/"), api_key, headers or {}, timeout)
        self._info: Mapping[str, Any] | None = None
        self.lacks: dict[str, str] = {}
        """What this server cannot do, by a short name, each with what Signoff does instead."""

    def info(self) -> Mapping[str, Any]:
        """Return what the server says of itself (``version``, ``flags``), empty where it says nothing."""
        if self._info is None:
            try:
                said = self._read(lambda: self._client.http.get("/info"), anything, Gone, Refused)
            except (Gone, Refused):
                said = {}
            self._info = said if isinstance(said, dict) else {}
        return self._info

    def knock(self) -> None:
        """Raise `Unsure` where nothing answers within a third of ``timeout``; reading is patient, for minutes."""
        self._once(lambda: knocked(self._client.http.client, self.timeout / 3))

    @property
    def strict(self) -> bool:
        """Whether the server itself refuses an answer to a question that does not wait (``/info``: strict_resume)."""
        flags = self.info().get("flags")
        return bool(self.info().get("strict_resume") or (isinstance(flags, dict) and flags.get("strict_resume")))

    def search(self, *, select: Sequence[str] = (), **given: Any) -> list[dict[str, Any]]:
        """Return threads as rows, as `langgraph_sdk` does; without ``select`` where the server does not know it.

        Raises `Refused` where it cannot search by ``ids``.
        """
        ask, refusable = self._client.threads.search, (Refused,) if "ids" in given else ()
        if select and "select" not in self.lacks:
            try:
                return list(self._read(lambda: ask(select=list(select), **given), many("thread_id"), Refused))
            except Refused as refused:
                self.lacks["select"] = f"rows of threads cannot be cut down, so whole ones are read ({refused}). {_OLD}"
        return list(self._read(lambda: ask(**given), many("thread_id"), *refusable))

    def count(self) -> int | None:
        """Return how many threads there are, None where the server does not count."""
        if "count" in self.lacks:
            return None
        try:
            return int(self._read(self._client.threads.count, number, Gone, Refused))
        except (Gone, Refused):
            self.lacks["count"] = f"threads are not counted, so a deletion is noticed within a minute only. {_OLD}"
            return None

    def thread(self, thread_id: str) -> dict[str, Any] | None:
        """Return one thread as a row, with ``ttl`` where the server tells it, or None."""
        return self._of(thread_id, lambda: self._client.threads.get(thread_id, include=["ttl"]), one("thread_id"))

    def state(self, thread_id: str, checkpoint_id: str | None = None) -> dict[str, Any] | None:
        """Return where a thread stands, or stood at a checkpoint, as a `ThreadState`; None where nothing is stored."""
        ask, part = self._client.threads.get_state, checkpoint_id is not None
        found = self._of(thread_id, lambda: ask(thread_id, checkpoint_id=checkpoint_id), one("next"), part=part)
        return found if found and found.get("created_at") else None  # an unknown checkpoint has an empty one

    def history(
        self,
        thread_id: str,
        *,
        limit: int,
        before: str | None = None,
        namespace: str = "",
        metadata: Mapping[str, Any] | None = None,
    ) -> list[dict[str, Any]]:
        """Return states of a thread, newest first, older than checkpoint ``before``; none where none are told."""
        place: Any = {"checkpoint_ns": namespace} if namespace else None
        older: Any = {"configurable": {"checkpoint_id": before}, "checkpoint_id": before} if before else None
        ask, more = self._client.threads.get_history, {"before": older, "checkpoint": place, "metadata": metadata}
        return self._of(thread_id, lambda: ask(thread_id, limit=limit, **more), many("next"), part=True) or []

    def runs(self, thread_id: str, *, limit: int = 20, offset: int = 0) -> list[dict[str, Any]]:
        """Return runs of a thread, newest first."""
        ask = self._client.runs.list
        return self._of(thread_id, lambda: ask(thread_id, limit=limit, offset=offset), many("run_id")) or []

    def run(self, thread_id: str, run_id: str) -> dict[str, Any] | None:
        """Return one run, None where the server knows it no more."""
        try:
            return dict(self._read(lambda: self._client.runs.get(thread_id, run_id), one("status"), Gone))
        except Gone:
            return None

    def assistants(self) -> list[dict[str, Any]]:
        """Return the assistants, at most a thousand."""
        return list(self._read(lambda: self._client.assistants.search(limit=PAGE), many("assistant_id")))

    def drawing(self, assistant_id: str, *, inside: bool) -> dict[str, Any]:
        """Return how a graph is drawn (``nodes``, ``edges``), subgraphs opened or not. Raises `Gone`, `Refused`."""
        ask = self._client.assistants.get_graph
        return dict(self._read(lambda: ask(assistant_id, xray=inside), one(), Gone, Refused))

    def schemas(self, assistant_id: str) -> dict[str, Any]:
        """Return the JSON Schemas of a graph; ``state_schema`` may be missing. Raises `Gone`, `Refused`."""
        return dict(self._read(lambda: self._client.assistants.get_schemas(assistant_id), one(), Gone, Refused))

    def begin(self, thread_id: str, assistant_id: str, **given: Any) -> dict[str, Any]:
        """Start a run. Raises `Busy` where one is under way, `Gone`, `Refused`, `Unsure` where it may have begun."""
        given |= {"multitask_strategy": "reject", "durability": "sync"}
        return dict(self._once(lambda: self._client.runs.create(thread_id, assistant_id, **given), one("run_id")))

    def events(self, thread_id: str, run_id: str) -> Iterator[tuple[str, Any]]:
        """Yield what a run reports (event, data) until it ends; a broken connection ends it early, without a word."""
        try:
            for part in self._client.runs.join_stream(thread_id, run_id, stream_mode=["tasks"]):
                yield part.event, part.data
        except Exception as error:  # the run goes on without us; its end is read, not streamed
            if self._ours(error) is error:
                raise

    def update(
        self, thread_id: str, values: Any, *, as_node: str | None = None, checkpoint_id: str | None = None
    ) -> None:
        """Write a checkpoint as a node would. Raises `Busy`, `Gone`, `Refused`, `Unsure`."""
        self._once(
            lambda: self._client.threads.update_state(thread_id, values, as_node=as_node, checkpoint_id=checkpoint_id)
        )

    def create(self, thread_id: str, graph: str, metadata: Mapping[str, Any]) -> None:
        """Make a thread, if there is none with this id. Raises `Refused` for an id that is no UUID, and `Unsure`."""
        self._once(
            lambda: self._client.threads.create(
                thread_id=thread_id, graph_id=graph, metadata=metadata, if_exists="do_nothing"
            )
        )

    def delete(self, thread_id: str) -> None:
        """Delete a thread."""
        self._once(lambda: self._client.threads.delete(thread_id))

    def close(self) -> None:
        """Release connections."""
        self._client.close()

    def _of(self, thread_id: str, ask: Callable[[], _Found], fits: Fits, *, part: bool = False) -> _Found | None:
        """Return what is read of a thread, None where the server itself says that it has none, or not this part."""
        try:
            return self._read(ask, fits, Gone, Invalid)
        except Invalid:
            return None  # not a UUID: the server can have no such thread
        except Gone as gone:
            if self._lists(thread_id) and not part:
                raise Untold(f"The Agent Server at {self.address} has thread {thread_id}, but says: {gone}") from gone
            return None

    def _lists(self, thread_id: str) -> bool:
        """Tell whether a search finds the thread: what stands before a server says 404, too, even in its form."""
        search, fits = self._client.threads.search, many("thread_id")
        try:
            rows: Any = self._read(lambda: search(ids=[thread_id], limit=1), fits, Refused)
        except Refused:  # it cannot search by ids; that it searches tells that it is the server
            rows = self._read(lambda: search(limit=1), fits)
        return any(row["thread_id"] == thread_id for row in rows)

    def _read(self, ask: Callable[[], _Found], fits: Fits, *expected: type[Exception]) -> _Found:
        """Return what is read. Raises `Gone`, `Busy` and `Refused` only where they are ``expected``, else `Unsure`."""
        for left in reversed(range(_TRIES)):
            try:
                return self._once(ask, fits)
            except Unsure:
                if not left:
                    raise
                time.sleep(_PAUSE_SECONDS * (_TRIES - left))
            except (Gone, Busy, Refused) as said:
                if isinstance(said, expected):
                    raise
                raise self._other(str(said)) from said
        raise AssertionError("unreachable")

    def _once(self, ask: Callable[[], _Found], fits: Fits = anything) -> _Found:
        try:
            found = ask()
        except Exception as error:
            raise self._ours(error) from error
        if not fits(found):
            raise self._other("200, in another shape")
        return found

    def _ours(self, error: Exception) -> Exception:
        """Return what an error of the SDK or of httpx means; anything else is returned as it is."""
        if (status := _status(error)) is None:
            if isinstance(error, ValueError):
                return self._other("what it says is no JSON")
            return self._unreachable(error) if _is_connection(error) else error
        said = str(getattr(error, "message", "") or error).strip().partition("\n")[0][:_SHOWN]
        said = said.removeprefix(f"{status} ")
        if status in (401, 403):
            return BackendUnavailable(
                f"The Agent Server at {self.address} does not let Signoff in ({status}). Check [server] api_key and "
                "headers in signoff.toml, or SIGNOFF_SERVER_API_KEY; recorded answers are applied when it does."
            )
        if status in _LATER or status >= 500:
            return Unsure(
                f"The Agent Server at {self.address} cannot answer now ({status}: {said}). It is asked later."
            )
        if not one("detail")(getattr(error, "body", None)):
            return self._other(f"{status}: {said}")
        return {404: Gone, 409: Busy, 422: Invalid}.get(status, Refused)(said)

    def _other(self, said: str) -> Unsure:
        return Unsure(
            f"Something else than an Agent Server answers at {self.address} ({said}). Check --db, and the gateway "
            "before the server; it is asked again."
        )

    def _unreachable(self, error: Exception) -> Unsure:
        why = str(error) or type(error).__name__
        return Unsure(
            f"The Agent Server at {self.address} does not answer: {why}. Start it, or check --db; "
            "what the queue shows is as old as the last answer."
        )


def _status(error: Exception) -> int | None:
    found = getattr(error, "status_code", None) or getattr(getattr(error, "response", None), "status_code", None)
    return found if isinstance(found, int) else None


def _is_connection(error: Exception) -> bool:
    import httpx  # noqa: PLC0415 - comes with the extra

    return isinstance(error, httpx.HTTPError | httpx.InvalidURL | httpx.StreamError)


def _client(url: str, api_key: str | None, headers: Mapping[str, str], timeout: float) -> Any:
    try:
        from langgraph_sdk import get_sync_client  # noqa: PLC0415 - an extra, and only for servers
    except ImportError as error:
        raise SettingsInvalid(
            f'{url} is an Agent Server, which needs the extra "server". Run `pip install "signoff[server]"`.'
        ) from error
    return get_sync_client(url=url, api_key=api_key, headers=dict(headers), timeout=timeout)
