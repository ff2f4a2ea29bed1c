"""Graphs are found and loaded the way LangGraph's own tools do it, and one that fails stops no other."""

import asyncio
import json
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from textwrap import dedent

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.store.memory import InMemoryStore

from signoff.errors import GraphBroken, GraphUnknown, SettingsInvalid
from signoff.graphs import Breakpoints, load_graphs, read_sources, run_on_graph_loop

ROOT = Path(__file__).parents[2]
GRAPH = """
    from langgraph.graph import START, StateGraph
    from typing_extensions import TypedDict

    class State(TypedDict):
        said: str

    def speak(state):
        return {"said": SAID}

    builder = StateGraph(State).add_node(speak).add_edge(START, "speak")
    graph = builder.compile()
    number = 7
"""


@pytest.fixture(autouse=True)
def own_interpreter_state(clean_imports, monkeypatch, tmp_path):
    """Work in a fresh folder, and leave path, modules and environment as they were."""
    monkeypatch.chdir(tmp_path)


def write(path, text="", *, said="'hello'"):
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(dedent(text).replace("SAID", said))
    return file


def config(**fields):
    return write("langgraph.json", json.dumps(fields))


def load(*texts, file=None):
    return load_graphs(read_sources(file, texts))


def run(graphs, name, given=None, **opening):
    async def invoke():
        opening.setdefault("checkpointer", InMemorySaver())
        async with graphs.open(name, **opening) as graph:
            return await graph.ainvoke(given or {"said": ""}, {"configurable": {"thread_id": "t"}})

    return asyncio.run(invoke())


def said(graphs, name="g", **opening):
    assert not graphs.broken, graphs.broken[name].traceback
    return run(graphs, name, **opening)["said"]


# where graphs are


def test_the_examples_of_this_repository_all_load():
    graphs = load(file=ROOT / "langgraph.json")

    assert not graphs.broken
    assert len(graphs.names) == 9
    assert graphs.breakpoints("publishing") == Breakpoints(after=frozenset({"write_draft"}))
    assert graphs.breakpoints("deletion") == Breakpoints(before=frozenset({"delete_records"}))


@pytest.mark.parametrize(
    "value",
    [
        "./agents/one.py:graph",
        "agents/one.py:graph",
        "agents.one:graph",
        "one:graph",
        "./agents/one.py:builder",
        {"path": "./agents/one.py:graph", "description": "speaks"},
    ],
)
def test_a_langgraph_json_names_files_modules_variables_and_builders(value):
    write("agents/one.py", GRAPH)
    file = config(graphs={"g": value}, dependencies=[".", "./agents", "langchain_openai"])

    assert said(load(file=file)) == "hello"


def test_paths_are_relative_to_the_langgraph_json_not_to_the_working_folder(monkeypatch):
    write("project/one.py", GRAPH)
    write("project/langgraph.json", json.dumps({"graphs": {"g": "./one.py:graph"}}))
    (Path.cwd() / "elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")

    assert said(load(file=Path("../project/langgraph.json"))) == "hello"


@pytest.mark.parametrize("text", ["g=one.py:graph", "g=./one.py:graph", "g = one:graph"])
def test_a_graph_can_be_named_on_the_command_line(text):
    write("one.py", GRAPH)

    assert said(load(text)) == "hello"


@pytest.mark.parametrize("text", ["", "one.py:graph", "g=", "g=one.py", "=one.py:graph", "g=:graph", "g=one.py:"])
def test_a_text_that_names_no_graph_is_refused_with_the_right_shape(text):
    with pytest.raises(SettingsInvalid, match=r"Write NAME=path/to/file.py:attribute"):
        read_sources(None, [text])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "names no graphs"),
        ("{}", 'needs "graphs"'),
        ('{"graphs": {}}', "names no graphs"),
        ('{"graphs": ["one.py:graph"]}', "names no graphs"),
        ('{"graphs": {"g": 7}}', "where graph 'g' is: 7"),
        ('{"graphs": {"g": {"description": "no path"}}}', "where graph 'g' is"),
        ('{"graphs": {"g": "one.py"}}', "where graph 'g' is"),
        ('{"graphs": {"g": "one.py:graph"}, "env": 7}', '"env" must be'),
        ("\x00", "is not JSON"),
    ],
)
def test_a_langgraph_json_that_cannot_be_used_says_what_is_wrong(content, told):
    with pytest.raises(SettingsInvalid, match=told):
        read_sources(write("langgraph.json", content), ())


@pytest.mark.parametrize(("path", "told"), [("nowhere.json", "There is no"), (".", "cannot be read")])
def test_a_langgraph_json_that_is_not_there_is_named(path, told):
    with pytest.raises(SettingsInvalid, match=told):
        read_sources(Path(path), ())


def test_two_graphs_cannot_share_a_name():
    with pytest.raises(SettingsInvalid, match="'g' is named twice"):
        read_sources(config(graphs={"g": "one.py:graph"}), ["g=two.py:graph"])


def test_reading_sources_imports_nothing():
    write("one.py", "raise SystemExit('imported')")

    assert [source.name for source in read_sources(config(graphs={"g": "./one.py:graph"}), ())] == ["g"]


@pytest.mark.parametrize("env", [{"VOICE": "loud"}, ".env"])
def test_the_variables_of_env_are_set_before_the_import(env, monkeypatch):
    monkeypatch.setenv("VOICE", "soft")
    write(".env", 'VOICE="loud"\nEMPTY\n')
    write("one.py", "import os\nVOICE = os.environ['VOICE']\n" + dedent(GRAPH), said="VOICE")

    assert said(load(file=config(graphs={"g": "./one.py:graph"}, env=env))) == "loud"


def test_a_missing_env_file_is_no_reason_to_stop(caplog):
    write("one.py", GRAPH)

    assert said(load(file=config(graphs={"g": "./one.py:graph"}, env=".env"))) == "hello"
    assert "which does not exist" in caplog.text


# importing


def test_two_files_of_one_name_in_different_folders_stay_apart():
    write("a/graph.py", GRAPH, said="'a'")
    write("b/graph.py", GRAPH, said="'b'")

    graphs = load("a=a/graph.py:graph", "b=b/graph.py:graph")

    assert (said(graphs, "a"), said(graphs, "b")) == ("a", "b")


def test_each_graph_finds_its_own_neighbours_even_where_their_names_are_the_same():
    for folder in "ab":
        write(f"{folder}/words.py", f"WORD = {folder!r}")
        write(f"{folder}/agent.py", "from words import WORD\n" + dedent(GRAPH), said="WORD")

    graphs = load("a=a/agent.py:graph", "b=b/agent.py:graph")

    assert (said(graphs, "a"), said(graphs, "b")) == ("a", "b")
    assert sys.modules["words"].WORD == "a"


def test_a_file_inside_a_package_may_import_relatively_and_by_the_packages_name():
    write("src/speakers/__init__.py")
    write("src/speakers/words.py", "WORD = 'packed'")
    write(
        "src/speakers/one.py",
        "from speakers.words import WORD\nfrom . import words\nassert words.WORD is WORD\n" + dedent(GRAPH),
        said="WORD",
    )

    assert said(load("g=src/speakers/one.py:graph")) == "packed"


def test_a_neighbour_can_be_imported_while_a_node_runs():
    write("later.py", "WORD = 'later'")
    write("one.py", GRAPH, said="__import__('later').WORD")

    assert said(load("g=one.py:graph")) == "later"


def test_a_file_is_imported_under_the_name_that_checkpoints_hold():
    write("orders_of_mine.py", "class Order: ...\n" + dedent(GRAPH), said="Order.__module__")

    assert said(load("g=./orders_of_mine.py:graph")) == "orders_of_mine"


def test_a_file_named_like_an_installed_module_loads_and_shadows_nothing():
    write("json.py", GRAPH)

    assert said(load("g=json.py:graph")) == "hello"
    assert sys.modules["json"] is json


BROKEN = {
    "raises": ("raise RuntimeError('no key')", "RuntimeError: no key"),
    "exits": ("import sys\nsys.exit('set OPENAI_API_KEY')", "SystemExit: set OPENAI_API_KEY"),
    "exits_silently": ("raise SystemExit", "SystemExit"),
    "needs": ("import package_that_nobody_installed", "No module named 'package_that_nobody_installed'"),
    "syntax": ("def graph(:", "SyntaxError"),
    "nothing": ("", "nothing.py has no 'graph'; it has no graph at all"),
    "other": (dedent(GRAPH).replace("graph =", "flow ="), "other.py has no 'graph'; it has builder, flow"),
    "number": ("graph = 7", "a int is neither a graph nor a function"),
    "greedy": ("def graph(a, b, c): ...", r"but not \(a, b, c\)"),
    "makes": ("def graph(): return 'none'", "its factory made a str, not a graph"),
    "fails": ("async def graph(): raise OSError('no network')", "OSError: no network"),
    "exits_late": ("def graph(): raise SystemExit(3)", "SystemExit: 3"),
}


def test_graphs_that_fail_in_any_way_are_reported_and_stop_no_other():
    write("good.py", GRAPH)
    for name, (text, _) in BROKEN.items():
        write(f"{name}.py", text)

    graphs = load(*(f"{name}=./{name}.py:graph" for name in [*BROKEN, "good"]))

    assert (set(graphs.broken), graphs.names) == (set(BROKEN), ("good",))
    for name, (_, told) in BROKEN.items():
        with pytest.raises(GraphBroken, match=told):
            graphs.nodes(name)
        assert "Traceback" in graphs.broken[name].traceback
    assert run(graphs, "good")["said"] == "hello"


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("missing.py:graph", "there is no file"),
        ("./agent.ts:graph", "no Python file"),
        ("missing.module:graph", "No module"),
    ],
)
def test_a_target_that_is_not_there_is_reported(target, told):
    write("agent.ts", "export const graph = 7")

    [broken] = load(f"g={target}").broken.values()

    assert told in broken.reason


def test_control_c_during_an_import_is_obeyed():
    write("one.py", "raise KeyboardInterrupt")

    with pytest.raises(KeyboardInterrupt):
        load("g=one.py:graph")


# opening

FACTORIES = """
    from contextlib import asynccontextmanager, contextmanager
    from functools import partial
    from langchain_core.runnables import RunnableConfig
    from langgraph_sdk.runtime import ServerRuntime

    log = []

    def plain(): return graph
    def unfinished(): return builder
    def with_config(config: RunnableConfig):
        log.append(config["configurable"].get("voice"))
        return graph
    async def asynchronous(config): return graph
    def with_runtime(runtime: ServerRuntime):
        log.append(runtime.access_context)
        return graph
    async def with_both(runtime: "ServerRuntime[dict]", config):
        log.append((runtime.execution_runtime is not None, "configurable" in config))
        return graph
    partially = partial(with_config)

    @contextmanager
    def managed():
        log.append("opened")
        yield graph
        log.append("closed")

    @asynccontextmanager
    async def managed_async(config):
        log.append("opened")
        yield builder
        log.append("closed")

    @asynccontextmanager
    async def untidy():
        yield graph
        raise OSError("cannot close")
"""


@pytest.fixture
def factories():
    write("makers.py", dedent(GRAPH) + dedent(FACTORIES))

    def load_one(name):
        graphs = load(f"g=makers.py:{name}")
        return graphs, sys.modules["makers"].log if "makers" in sys.modules else []

    return load_one


@pytest.mark.parametrize(
    "name",
    [
        *("plain", "unfinished", "with_config", "asynchronous", "with_runtime", "with_both", "partially"),
        *("managed", "managed_async"),
    ],
)
def test_a_factory_of_any_kind_makes_the_graph(factories, name):
    graphs, _ = factories(name)

    assert graphs.nodes("g") == {"speak"}
    assert said(graphs) == "hello"


def test_a_factory_is_called_for_every_run_with_that_runs_config(factories):
    graphs, log = factories("with_config")

    said(graphs, config={"configurable": {"thread_id": "t", "voice": "loud"}})
    said(graphs, config={"configurable": {"thread_id": "t", "voice": "soft"}})

    assert log == [None, "loud", "soft"]


def test_a_factory_is_told_whether_the_graph_is_to_run(factories):
    graphs, log = factories("with_runtime")
    said(graphs)

    assert log == ["assistants.read", "threads.create_run"]


@pytest.mark.parametrize("name", ["managed", "managed_async"])
def test_a_context_manager_is_closed_after_looking_and_after_the_run(factories, name):
    graphs, log = factories(name)
    said(graphs)

    assert log == ["opened", "closed"] * 2


def test_a_factory_that_fails_to_clean_up_does_not_undo_the_run(factories, caplog):
    graphs, _ = factories("untidy")

    assert said(graphs) == "hello"
    assert "OSError: cannot close" in caplog.text


def test_what_the_run_raises_passes_through_the_factory_unchanged(factories):
    graphs, log = factories("managed")

    async def fail():
        async with graphs.open("g", checkpointer=InMemorySaver()):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(fail())
    assert log == ["opened", "closed", "opened"]


def test_a_factory_that_fails_only_at_the_run_is_broken_then():
    write(
        "one.py",
        dedent(GRAPH) + "calls = []\ndef make():\n    calls.append(1)\n    assert len(calls) < 2\n    return graph",
    )

    with pytest.raises(GraphBroken, match="AssertionError") as failed:
        said(load("g=one.py:make"))

    assert "calls.append" not in failed.value.reason
    assert "assert len(calls) < 2" in failed.value.traceback


def test_graphs_load_while_an_event_loop_is_running(factories):
    @asynccontextmanager
    async def lifespan():
        yield factories("asynchronous")[0]

    async def serve():
        async with lifespan() as graphs:
            return graphs.names

    assert asyncio.run(serve()) == ("g",)


MAKER = """
    import asyncio

    loops = set()

    async def make():
        loops.add(id(asyncio.get_running_loop()))
        return graph
"""


def invoke(graphs, name, thread_id="t"):
    async def once():
        async with graphs.open(name, checkpointer=InMemorySaver()) as graph:
            return await graph.ainvoke({"said": ""}, {"configurable": {"thread_id": thread_id}})

    return run_on_graph_loop(once())


def test_graphs_are_looked_at_and_run_on_one_loop():
    write("one.py", dedent(GRAPH) + dedent(MAKER))
    graphs = load("g=one.py:make")

    answers = [invoke(graphs, "g", thread_id) for thread_id in ("one", "two")]

    assert answers == [{"said": "hello"}] * 2
    assert len(sys.modules["one"].loops) == 1


@pytest.mark.parametrize("kind", ["def", "async def"])
def test_a_node_that_exits_fails_alone(kind):
    write("one.py", dedent(GRAPH).replace("def speak", f"{kind} speak"), said="exit(3)")
    write("two.py", dedent(GRAPH).replace("def speak", f"{kind} speak"))
    graphs = load("exits=one.py:graph", "speaks=two.py:graph")

    with pytest.raises(SystemExit):
        invoke(graphs, "exits")

    assert invoke(graphs, "speaks") == {"said": "hello"}


def test_our_checkpointer_replaces_the_graphs_own_and_its_store_stays():
    write("one.py", GRAPH)
    write(
        "two.py",
        """
        from langgraph.checkpoint.memory import InMemorySaver
        from langgraph.store.memory import InMemoryStore
        from one import builder
        saver, store = InMemorySaver(), InMemoryStore()
        graph = builder.compile(checkpointer=saver, store=store)
        """,
    )
    ours, graphs = InMemorySaver(), load("g=two.py:graph")

    async def seen():
        async with graphs.open("g", checkpointer=ours) as graph:
            await graph.ainvoke({"said": ""}, {"configurable": {"thread_id": "t"}})
            return graph.store

    store = asyncio.run(seen())
    theirs = sys.modules["two"]
    assert isinstance(store, InMemoryStore)
    assert store is theirs.store
    assert (len(list(ours.list(None))) > 0, list(theirs.saver.list(None))) == (True, [])


def test_a_graph_that_nobody_loaded_is_unknown():
    graphs = load()

    with pytest.raises(GraphUnknown, match="thread 'txn-1' belongs to"):
        said(graphs, "nobody", config={"configurable": {"thread_id": "txn-1"}})


# which graph a thread belongs to


def test_a_thread_belongs_to_the_graphs_that_have_all_it_has_seen():
    graphs = load(file=ROOT / "langgraph.json")

    assert graphs.candidates({"assess_risk"}, {"risk_score", "__start__"}) == ("risk_review",)
    assert graphs.candidates({"__start__"}, {"branch:to:call_model", "messages"}) == ("tool_agent",)
    assert graphs.candidates({"assess_risk"}, {"messages"}) == ()
    assert graphs.candidates(set(), {"status"}) == ("transaction", "purchase_order", "contract")
    assert graphs.candidates(set(), {"__start__"}) == graphs.names


def test_breakpoints_read_the_same_in_every_process():
    shown = "from signoff.graphs import Breakpoints; print(Breakpoints(before=frozenset('abcdefgh')))"

    texts = {
        subprocess.run(
            [sys.executable, "-c", shown], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in "123"
    }

    assert texts == {"Breakpoints(before=['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'], after=[])\n"}


def test_a_star_marks_every_node():
    write("one.py", dedent(GRAPH) + "starred = builder.compile(interrupt_before='*', interrupt_after=['speak'])")

    marks = load("g=one.py:starred").breakpoints("g")

    assert (marks.before, marks.after) == ({"*"}, {"speak"})
