"""A graph becomes Mermaid text in which no name can be anything but a label."""

import re
from typing import TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langgraph.graph import END as LAST
from langgraph.graph import START as FIRST
from langgraph.graph import StateGraph

from signoff.graphs.outlines import outline_of
from signoff.graphs.shape import shape_of
from signoff.picture import END, MOST, START, Outline, Route, Spot, Way, label, mermaid

LINE = re.compile(
    r'%%\{init: \{"flowchart": \{"wrappingWidth": 360\}\}\}%%|flowchart TD|end'
    r'|subgraph g\d+\["[^"]*"\]|n\d+(\["[^"]*"\]|\[\["[^"]*"\]\]|\(\["(start|end)"\]\))'
    r'|n\d+ (-->|-\.->)(\|"[^"]*"\|)? n\d+|classDef \w+ [\w:#,-]+|class [ng]\d+ \w+|linkStyle [\d,]+ [\w:#,-]+'
)
HOSTILE = '"] end subgraph x %%{init: {}}%% #quot; &lt; `md` <b> \\ ; | ~~~ $$x$$ \n\r\u2028 --> :::a'
names = st.text(max_size=60) | st.lists(st.sampled_from(HOSTILE.split(" "))).map("".join)


class S(TypedDict):
    x: int


def nothing(state):
    return {}


def nested():
    deep = StateGraph(S).add_node("a", nothing).add_node("b", nothing).add_edge(FIRST, "a")
    deep.add_conditional_edges("a", lambda state: "yes", {"yes": "b", "surely": "b", "no": LAST})
    middle = StateGraph(S).add_node("deep", deep.compile()).add_edge(FIRST, "deep")
    outer = StateGraph(S).add_node("sub", middle.compile()).add_node("last", nothing)
    outer.add_edge(FIRST, "sub").add_conditional_edges("sub", lambda state: "go", {"go": "last", "stop": LAST})
    return outer.compile()


@given(st.lists(st.tuples(names, st.lists(names, max_size=2), st.booleans()), max_size=6), st.lists(names, max_size=6))
def test_every_line_is_of_our_making(nodes, labels):
    spots = tuple(
        Spot(id=f"{n}", name=name, inside=tuple(inside), whole=whole) for n, (name, inside, whole) in enumerate(nodes)
    )
    ways = tuple(
        Way(source=f"{n % len(spots)}", target="0", label=said, conditional=bool(n % 2))
        for n, said in enumerate(labels if spots else [])
    )
    route = Route(marks={"0": "asks", "1": "failed"}, taken=frozenset([("0", "0")]), made=("0",))

    lines = mermaid(Outline(spots=spots, ways=ways), route).split("\n")

    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert lines.count("end") == sum(line.startswith("subgraph") for line in lines)


@given(names)
def test_a_label_keeps_no_character_that_means_something(name):
    said = label(name)

    assert said
    assert not set(said) & set('"<>#;`\\{}|*~\n\r\t\x00\u2028\u202e')
    assert "%%" not in said
    assert not re.search(r"&\w", said)
    said.encode()


def test_a_plain_name_is_its_own_label():
    assert label("approve_payment (2)") == "approve_payment (2)"


@pytest.mark.parametrize(
    ("name", "said"), [("1. one", "1․ one"), ("- x", "‑ x"), ("", "…"), ("x" * 90, "x" * 47 + "…")]
)
def test_a_label_is_no_list_and_not_endless(name, said):
    assert label(name) == said


def test_subgraphs_are_drawn_closed_or_open():
    shape = shape_of(nested())

    assert [(spot.id, spot.whole) for spot in shape.outline.spots if spot.name == "sub"] == [("sub", True)]
    assert [spot.inside for spot in shape.opened.spots if spot.name == "a"] == [("sub", "deep")]
    drawn = mermaid(shape.opened, Route(marks={"sub": "asks"}))
    assert drawn.index('subgraph g0["? sub"]') < drawn.index('subgraph g1["deep"]')
    assert "class g0 asks" in drawn


def test_conditional_edges_say_when_they_are_taken():
    shape = shape_of(nested())

    outer = {(way.source, way.target): way.label for way in shape.outline.ways if way.conditional}
    inner = {(way.source, way.target): way.label for way in shape.opened.ways if way.source == "sub:deep:a"}

    assert outer == {("sub", "last"): "go", ("sub", END): "stop"}
    assert inner["sub:deep:a", "sub:deep:b"] == "yes / surely"


def test_the_way_taken_and_every_mark_are_drawn():
    outline = shape_of(nested()).outline
    route = Route(
        marks={"sub": "ran", "last": "failed"}, taken=frozenset([(START, "sub"), ("sub", "last")]), made=("last",)
    )

    drawn = mermaid(outline, route)

    assert '[["✓ sub"]]' in drawn
    assert '["◆ ✗ last"]' in drawn
    taken = [n for n, way in enumerate(outline.ways) if (way.source, way.target) in route.taken]
    assert f"linkStyle {','.join(map(str, taken))} " in drawn
    assert len(taken) == 2


def test_a_graph_that_cannot_be_drawn_shows_its_nodes(caplog):
    class Broken:
        name, nodes = "broken", {START: None, "a": None}

        def get_subgraphs(self):
            return ()

        def get_graph(self, xray):
            raise TypeError("no")

    outline = outline_of(Broken())

    assert ([spot.name for spot in outline.spots], outline.ways) == (["a"], ())
    assert "cannot draw graph broken" in caplog.text


def test_a_subgraph_on_another_server_is_never_asked():
    graph = nested()
    asked = []

    class Remote:
        def get_graph(self, *args, **more):
            asked.append(args)

    graph.nodes["last"].subgraphs = [Remote()]

    assert outline_of(graph, inside=True) == outline_of(graph)
    assert asked == []


def test_an_enormous_graph_is_not_drawn():
    assert not Outline(spots=tuple(Spot(id=str(n), name="x") for n in range(MOST + 1))).drawable
    assert not Outline().drawable
