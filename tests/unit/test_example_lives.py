"""The histories of the example graphs, as LangGraph shows them and as ours."""

import runpy
from pathlib import Path

import pytest
from contract.same import assert_same_history

from signoff.checkpoints.sqlite import SqliteCheckpoints

SEED = Path(__file__).parents[2] / "graphs" / "seed.py"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    path = tmp_path_factory.mktemp("lives") / "demo.sqlite"
    names = runpy.run_path(str(SEED))
    names["seed"](path)
    checkpoints = SqliteCheckpoints(path)
    with names["open_saver"](path) as saver:
        yield (
            checkpoints,
            saver,
            {prefix: names["examples"][name].graph for name, prefix in names["cases"].PREFIXES.items()},
        )
    checkpoints.close()


def test_every_thread_of_every_example_is_as_langgraph_shows_it(demo):
    checkpoints, saver, graphs = demo
    seen = set()

    for head in list(checkpoints.heads()):
        prefix = head.thread_id.rpartition("-")[0]
        assert_same_history(checkpoints, graphs[prefix].copy({"checkpointer": saver}), head.thread_id)
        seen.add(prefix)

    assert seen == set(graphs)
