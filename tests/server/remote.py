"""Graphs on a server as the contract tests use graphs in this process: ``invoke``, ``get_state``, thread id ``t``."""

import uuid
from datetime import datetime
from types import SimpleNamespace

from langgraph.types import Command

from signoff.agent_server import AgentServer
from signoff.checkpoints.server_rows import place_of


class NamedThreads(AgentServer):
    """A server whose threads have the short names of the contract tests; it itself wants UUIDs.

    They are others in each test: what a run of the test before still writes lands on a thread that is gone.
    """

    def __init__(self, url, **given):
        super().__init__(url, **given)
        self.named = {}
        self.apart = uuid.uuid4()

    def _there(self, name):
        there = str(uuid.UUID(name)) if _is_uuid(name) else str(uuid.uuid5(self.apart, name))
        self.named[there] = name
        return there

    def _back(self, row):
        return {**row, "thread_id": self.named.get(row["thread_id"], row["thread_id"])}

    def search(self, **given):
        if "ids" in given:
            given["ids"] = [self._there(name) for name in given["ids"]]
        return [self._back(row) for row in super().search(**given)]

    def thread(self, thread_id):
        row = super().thread(self._there(thread_id))
        return row and self._back(row)

    def create(self, thread_id, graph, metadata):
        super().create(self._there(thread_id), graph, metadata)


for _name in ("state", "history", "runs", "run", "begin", "events", "update", "delete"):

    def _renamed(name):
        of_server = getattr(AgentServer, name)
        return lambda self, thread_id, *given, **more: of_server(self, self._there(thread_id), *given, **more)

    setattr(NamedThreads, _name, _renamed(_name))


class Saver:
    """Stands where contract tests have a saver: makes graphs that run on the server, and deletes threads there."""

    def __init__(self, server):
        self.server = server

    def serve(self, name, **compiled):
        return Remote(self.server, name, compiled)

    def delete_thread(self, thread_id):
        self.server.delete(thread_id)


class Remote:
    """One graph of the server; what ``compile`` would be told of breakpoints is told to each run."""

    def __init__(self, server, name, compiled):
        self.server, self.name, self._compiled = server, name, compiled
        self.nodes, self.stream_channels_asis = {"__start__": None}, []

    def invoke(self, given, config, *, interrupt_before=None, durability=None):
        thread = config["configurable"]["thread_id"]
        if self.server.thread(thread) is None:
            self.server.create(thread, self.name, config.get("metadata", {}))
        what = {"command": {"resume": given.resume}} if isinstance(given, Command) else {"input": given}
        stops = {"interrupt_before": interrupt_before} if interrupt_before else {}
        run = self.server.begin(
            thread,
            self.name,
            **what,
            **self._compiled,
            **stops,
            metadata=config.get("metadata", {}),
            stream_mode=["tasks"],
        )
        list(self.server.events(thread, run["run_id"]))
        ended = self.server.run(thread, run["run_id"])
        while ended["status"] in ("pending", "running"):
            ended = self.server.run(thread, run["run_id"])
        if ended["status"] == "error":
            state = self.server.state(thread)
            raise _raised(next((task["error"] for task in state["tasks"] if task["error"]), "?"))

    def get_state(self, config):
        return _snapshot(self.server.state(config["configurable"]["thread_id"]))

    def get_state_history(self, config):
        return [_snapshot(one) for one in self.server.history(config["configurable"]["thread_id"], limit=100)]


def _raised(said):
    kind = next((k for k in (ZeroDivisionError, ConnectionError) if said.startswith(k.__name__)), ValueError)
    return kind(said)


def _snapshot(state):
    def interrupts(found):
        return [SimpleNamespace(id=one["id"], value=one["value"]) for one in found]

    return SimpleNamespace(
        values=state["values"],
        next=tuple(state["next"]),
        interrupts=interrupts([one for task in state["tasks"] for one in task["interrupts"]]),
        tasks=[SimpleNamespace(**{**task, "interrupts": interrupts(task["interrupts"])}) for task in state["tasks"]],
        metadata=state["metadata"],
        created_at=datetime.fromisoformat(state["created_at"]).isoformat(),
        config={"configurable": {"checkpoint_id": place_of(state)}},
        parent_config=state["parent_checkpoint"] and {"configurable": state["parent_checkpoint"]},
    )


def _is_uuid(name):
    try:
        uuid.UUID(name)
    except ValueError:
        return False
    return True
