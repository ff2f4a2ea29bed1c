"""Rules of ``signoff.toml`` that are about no graph of the desk, as one with a misspelt name is. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from signoff.settings import Settings


def named(settings: Settings) -> list[tuple[str, int, str]]:
    """Return the rules that are about one graph: their table, their number in it, and the graph's name."""
    tables = {
        "forms": [rule.graph for rule in settings.forms],
        "timeouts": [rule.graph for rule in settings.timeouts],
        "metadata": [rule.graph for rule in settings.metadata],
    }
    return [
        (table, number, graph) for table, graphs in tables.items() for number, graph in enumerate(graphs, 1) if graph
    ]


def strangers(settings: Settings, known: Collection[str]) -> Iterator[str]:
    """Yield what is to be said of each rule whose graph is not ``known``; nothing where no graph is.

    ``known`` are names on the desk (``SOURCE/GRAPH`` where it has several sources); a rule may leave the source out.
    """
    own = {name.removeprefix(f"{source}/") for name in known for source in settings.by_source if source}
    for table, number, graph in named(settings) if known else ():
        if graph not in {*known, *own}:
            yield f"signoff.toml, [[{table}]] {number} does nothing: there is no graph {graph!r} on this desk."
