"""A graph whose nodes have names that try to be Mermaid, Markdown, HTML, or nothing at all; it waits at its first."""

from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

NAMES = [
    "1. one",
    "- dash",
    "**bold** __b__",
    "a`b`",
    'quote " quote',
    "<img src=x onerror=alert(1)>",
    "%%{init}%%",
    "$$x^2$$",
    "end",
    "subgraph x",
    "click n0 href javascript",
    "&lt;b&gt; #quot; #35;",
    "line\nbreak",
    "![x](evil)",
    "fa-car @{ shape }",
    "---",
    "x" * 300,
    "日本語 عربي",
    "\u202eturned",
    " ",
]


def ask(state: dict) -> None:
    interrupt("Go on?")


builder = StateGraph(dict)
for before, after in zip([START, *NAMES], NAMES, strict=False):
    builder.add_node(after, ask).add_edge(before, after)
builder.add_conditional_edges(NAMES[-1], lambda state: "x", {name: NAMES[0] for name in NAMES})
