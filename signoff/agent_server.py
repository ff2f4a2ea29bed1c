"""A LangGraph Agent Server, spoken to over HTTP: one place for the key, timeouts, retries and what errors mean.

Built on langgraph-sdk 0.4 (the extra ``[server]``), imported only when a server is opened. What follows was found by
running langgraph-api 0.16.7; where an older or another server cannot do something, `AgentServer.lacks` says what.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from signoff.errors import BackendUnavailable, SettingsInvalid

PAGE = 1_000
"""Rows that one search returns at most; more is refused with 422."""

_TRIES, _PAUSE_SECONDS = 3, 0.2
_Found = TypeVar("_Found")
_OLD = "It is an older Agent Server, or another server that speaks its language."


class Gone(Exception):
    """The server knows no such thread, run, checkpoint or assistant (404)."""


class Busy(Exception):
    """A run is under way on the thread, so the server took no other (409, ``multitask_strategy="reject"``)."""


class Refused(Exception):
    """The server did not accept what was asked (4xx); the text is what it said."""


class Unsure(BackendUnavailable):
    """The connection broke while something was to be changed: it may have been done or not."""


class AgentServer:
    """One Agent Server at a URL. Safe to share between threads.

    Reading is tried again when the connection fails; what changes something never is. Raises `BackendUnavailable`,
    from every method, when the server does not answer or does not let us in. The key is never part of a text.
    """

    def __init__(
        self, url: str, *, api_key: str | None = None, headers: Mapping[str, str] | None = None, timeout: float = 30
    ) -> None:
        self.url = url.rstrip("/")
        self._client = _client(self.url, api_key, headers or {}, timeout)
        self._info: Mapping[str, Any] | None = None
        self.lacks: dict[str, str] = {}
        """What this server cannot do, by a short name, each with what Signoff does instead."""

    def info(self) -> Mapping[str, Any]:
        """Return what the server says of itself (``version``, ``flags``), empty where it says nothing."""
        if self._info is None:
            try:
                said = self._read(lambda: self._client.http.get("/info"))
            except (Gone, Refused):
                said = {}
            self._info = said if isinstance(said, dict) else {}
        return self._info

    @property
    def strict(self) -> bool:
        """Whether the server itself refuses an answer to a question that does not wait (``/info``: strict_resume)."""
        flags = self.info().get("flags")
        return bool(self.info().get("strict_resume") or (isinstance(flags, dict) and flags.get("strict_resume")))

    def search(self, *, select: Sequence[str] = (), **given: Any) -> list[dict[str, Any]]:
        """Return threads as rows, as `langgraph_sdk` does; without ``select`` where the server does not know it."""
        if select and "select" not in self.lacks:
            try:
                return list(self._read(lambda: self._client.threads.search(select=list(select), **given)))
            except Refused as refused:
                self.lacks["select"] = f"rows of threads cannot be cut down, so whole ones are read ({refused}). {_OLD}"
        return list(self._read(lambda: self._client.threads.search(**given)))

    def count(self) -> int | None:
        """Return how many threads there are, None where the server does not count."""
        if "count" in self.lacks:
            return None
        try:
            return int(self._read(self._client.threads.count))
        except (Gone, Refused):
            self.lacks["count"] = f"threads are not counted, so a deletion is noticed within a minute only. {_OLD}"
            return None

    def thread(self, thread_id: str) -> dict[str, Any] | None:
        """Return one thread as a row, with ``ttl`` where the server tells it, or None."""
        try:
            return dict(self._read(lambda: self._client.threads.get(thread_id, include=["ttl"])))
        except Gone:
            return None
        except Refused:
            return None  # not a UUID: the server can have no such thread

    def state(self, thread_id: str, checkpoint_id: str | None = None) -> dict[str, Any] | None:
        """Return where a thread stands, or stood at a checkpoint, as a `ThreadState`; None where nothing is stored."""
        try:
            found: Any = self._read(lambda: self._client.threads.get_state(thread_id, checkpoint_id=checkpoint_id))
        except (Gone, Refused):
            return None
        return dict(found) if found.get("created_at") else None  # an unknown checkpoint is answered with an empty one

    def history(
        self,
        thread_id: str,
        *,
        limit: int,
        before: str | None = None,
        namespace: str = "",
        metadata: Mapping[str, Any] | None = None,
    ) -> list[dict[str, Any]]:
        """Return states of a thread, newest first, older than checkpoint ``before``."""
        place: Any = {"checkpoint_ns": namespace} if namespace else None
        older: Any = {"configurable": {"checkpoint_id": before}, "checkpoint_id": before} if before else None
        try:
            found: Any = self._read(
                lambda: self._client.threads.get_history(
                    thread_id, limit=limit, before=older, checkpoint=place, metadata=metadata
                )
            )
        except (Gone, Refused):
            return []
        return list(found)

    def runs(self, thread_id: str, *, limit: int = 20, offset: int = 0) -> list[dict[str, Any]]:
        """Return runs of a thread, newest first."""
        try:
            return list(self._read(lambda: self._client.runs.list(thread_id, limit=limit, offset=offset)))
        except (Gone, Refused):
            return []

    def run(self, thread_id: str, run_id: str) -> dict[str, Any] | None:
        """Return one run, None where the server knows it no more."""
        try:
            return dict(self._read(lambda: self._client.runs.get(thread_id, run_id)))
        except Gone:
            return None

    def assistants(self) -> list[dict[str, Any]]:
        """Return the assistants, at most a thousand."""
        return list(self._read(lambda: self._client.assistants.search(limit=PAGE)))

    def drawing(self, assistant_id: str, *, inside: bool) -> dict[str, Any]:
        """Return how a graph is drawn (``nodes``, ``edges``), subgraphs opened or not. Raises `Refused`."""
        return dict(self._read(lambda: self._client.assistants.get_graph(assistant_id, xray=inside)))

    def schemas(self, assistant_id: str) -> dict[str, Any]:
        """Return the JSON Schemas of a graph; ``state_schema`` may be missing. Raises `Refused`."""
        return dict(self._read(lambda: self._client.assistants.get_schemas(assistant_id)))

    def begin(self, thread_id: str, assistant_id: str, **given: Any) -> dict[str, Any]:
        """Start a run. Raises `Busy` where one is under way, `Gone`, `Refused`, `Unsure` where it may have begun."""
        given |= {"multitask_strategy": "reject", "durability": "sync"}
        return dict(self._write(lambda: self._client.runs.create(thread_id, assistant_id, **given)))

    def events(self, thread_id: str, run_id: str) -> Iterator[tuple[str, Any]]:
        """Yield what a run reports (event, data) until it ends; a broken connection ends it early, without a word."""
        try:
            for part in self._client.runs.join_stream(thread_id, run_id, stream_mode=["tasks"]):
                yield part.event, part.data
        except Exception as error:  # the run goes on without us; its end is read, not streamed
            if not _is_connection(error) and not _status(error):
                raise

    def update(
        self, thread_id: str, values: Any, *, as_node: str | None = None, checkpoint_id: str | None = None
    ) -> None:
        """Write a checkpoint as a node would. Raises `Busy`, `Gone`, `Refused`, `Unsure`."""
        self._write(
            lambda: self._client.threads.update_state(thread_id, values, as_node=as_node, checkpoint_id=checkpoint_id)
        )

    def create(self, thread_id: str, graph: str, metadata: Mapping[str, Any]) -> None:
        """Make a thread, if there is none with this id. Raises `Refused` for an id that is no UUID, and `Unsure`."""
        self._write(
            lambda: self._client.threads.create(
                thread_id=thread_id, graph_id=graph, metadata=metadata, if_exists="do_nothing"
            )
        )

    def delete(self, thread_id: str) -> None:
        """Delete a thread."""
        self._write(lambda: self._client.threads.delete(thread_id))

    def close(self) -> None:
        """Release connections."""
        self._client.close()

    def _read(self, ask: Callable[[], _Found]) -> _Found:
        for left in reversed(range(_TRIES)):
            try:
                return self._once(ask)
            except Unsure:
                if not left:
                    raise
                time.sleep(_PAUSE_SECONDS * (_TRIES - left))
        raise AssertionError("unreachable")

    def _write(self, ask: Callable[[], _Found]) -> _Found:
        return self._once(ask)

    def _once(self, ask: Callable[[], _Found]) -> _Found:
        try:
            return ask()
        except Exception as error:
            raise self._ours(error) from error

    def _ours(self, error: Exception) -> Exception:
        """Return what an error of the SDK or of httpx means; anything else is returned as it is."""
        if (status := _status(error)) is None:
            return self._unreachable(error) if _is_connection(error) or isinstance(error, ValueError) else error
        said = str(getattr(error, "message", "") or error).strip().partition("\n")[0]
        if status in (401, 403):
            return BackendUnavailable(
                f"The Agent Server at {self.url} does not let Signoff in ({status}). Check [server] api_key and headers"
                " in signoff.toml, or SIGNOFF_SERVER_API_KEY; answers that are recorded are applied when it does."
            )
        if status == 429 or status >= 500:
            return Unsure(f"The Agent Server at {self.url} cannot answer now ({status}: {said}). It is asked later.")
        return {404: Gone, 409: Busy}.get(status, Refused)(said)

    def _unreachable(self, error: Exception) -> Unsure:
        why = str(error) or type(error).__name__
        return Unsure(
            f"The Agent Server at {self.url} does not answer: {why}. Start it, or check --db; "
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
