"""From what a source names to a compiled graph: variables, builders, and factories of every kind."""

from __future__ import annotations

import inspect
import logging
import typing
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from typing import Any

from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import ensure_config
from langgraph.graph import StateGraph
from langgraph.pregel import Pregel
from langgraph_sdk import runtime as sdk

_log = logging.getLogger(__name__)
Compiled = Pregel[Any, Any, Any, Any]
_RUNTIMES = (sdk._ExecutionRuntime, sdk._ReadRuntime)  # private in langgraph-sdk 0.4.14; tests guard their meaning


class NotAGraph(TypeError):
    """What the source names is no graph and makes none."""


@asynccontextmanager
async def opened(target: object, config: Mapping[str, Any], *, running: bool) -> AsyncIterator[Compiled]:
    """Yield the compiled graph that ``target`` is or makes, as langgraph-api 0.16.7 does.

    A factory takes nothing, the config, langgraph-sdk's ``ServerRuntime``, or the last two; it may be async and may
    return an (async) context manager. ``running`` tells a factory whether the graph is about to run or only to be
    looked at. Whatever the factory raises on the way in, passes; on the way out it is logged.
    """
    making = _made(target, config, running=running)
    graph = await making.__aenter__()
    try:
        yield graph
    except BaseException as error:
        await _close(making, error)
        raise
    else:
        await _close(making, None)


async def _close(making: AbstractAsyncContextManager[Compiled], error: BaseException | None) -> None:
    try:
        await making.__aexit__(type(error) if error else None, error, error.__traceback__ if error else None)
    except Exception as failure:  # noqa: BLE001 - foreign code; the run is over and its outcome stands
        if failure is not error:
            _log.warning("A graph's factory failed when it cleaned up.", exc_info=failure)


@asynccontextmanager
async def _made(target: object, config: Mapping[str, Any], *, running: bool) -> AsyncIterator[Compiled]:
    if isinstance(target, (Pregel, StateGraph)):
        yield _compiled(target)
        return
    if not callable(target):
        raise NotAGraph(f"a {type(target).__name__} is neither a graph nor a function that makes one")
    made = target(*_arguments(target, config, running=running))
    if inspect.isawaitable(made):
        made = await made
    if isinstance(made, AbstractAsyncContextManager):
        async with made as graph:
            yield _compiled(graph)
    elif isinstance(made, AbstractContextManager):
        with made as graph:
            yield _compiled(graph)
    else:
        yield _compiled(made)


def _compiled(graph: object) -> Compiled:
    if isinstance(graph, StateGraph):
        return graph.compile()
    if isinstance(graph, Pregel):
        return graph
    raise NotAGraph(f"its factory made a {type(graph).__name__}, not a graph")


def _arguments(factory: Any, config: Mapping[str, Any], *, running: bool) -> list[object]:
    """Return what to call the factory with, by position."""
    parameters = list(inspect.signature(factory).parameters.values())
    hints = _hints(factory)
    asks_runtime = [_is_runtime(hints.get(p.name, p.annotation)) for p in parameters]
    if len(parameters) > 2 or (len(parameters) == 2 and sum(asks_runtime) != 1):
        names = ", ".join(parameter.name for parameter in parameters)
        raise NotAGraph(f"a factory takes nothing, a config, a ServerRuntime, or both of these, but not ({names})")
    given = ensure_config(typing.cast(RunnableConfig, {**config, "configurable": {**config.get("configurable", {})}}))
    return [_runtime(running=running) if asked else given for asked in asks_runtime]


def _runtime(*, running: bool) -> object:
    if running:
        return sdk._ExecutionRuntime(access_context="threads.create_run", store=typing.cast(Any, None))
    return sdk._ReadRuntime(access_context="assistants.read", store=typing.cast(Any, None))


def _is_runtime(hint: Any) -> bool:
    """Tell whether a parameter is annotated as a ``ServerRuntime``, parametrised or not."""
    alias = typing.get_origin(hint) or hint
    return alias is sdk.ServerRuntime or (isinstance(alias, type) and issubclass(alias, _RUNTIMES))


def _hints(factory: Any) -> dict[str, Any]:
    try:
        return typing.get_type_hints(factory, localns={"ServerRuntime": sdk.ServerRuntime})
    except Exception:  # noqa: BLE001 - evaluates the annotations of foreign code, which may name anything
        return {}
