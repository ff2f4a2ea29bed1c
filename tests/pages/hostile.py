"""A graph whose every word tries to be Markdown, HTML or a control sequence; it asks, and then fails with more."""

from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

MARKUP = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![x](http://evil/x.png)",
    "[click](http://evil)",
    ":red[x]",
    ":material/delete:",
    "**bold**",
    "`code`",
    "$x^2$",
]
CONTROLS = "\x07\x9b\u202e\u2066\u061c"
WORDS = " ".join([*MARKUP, *CONTROLS])
NODE = "ask <img src=x onerror=alert(1)> ![x](evil) **bold** `code`"

PAYLOAD = {
    "title": WORDS,
    "description": f"# {WORDS}",
    "business_key": WORDS,
    "tags": MARKUP,
    "priority": "urgent",
    WORDS: WORDS,
    "long": WORDS * 60,
    "lines": [{WORDS: WORDS, "n": 1}],
    "nested": {WORDS: {WORDS: [WORDS]}},
    "messages": [{"role": "ai", "name": WORDS, "content": WORDS, "tool_calls": [{"name": WORDS, "args": [WORDS]}]}],
}
SCHEMA = {
    "type": "object",
    "title": WORDS,
    "description": WORDS,
    "required": ["answer"],
    "properties": {
        "answer": {"type": "string", "title": WORDS, "description": WORDS},
        WORDS: {"enum": MARKUP},
        "many": {"type": "array", "title": WORDS, "items": {"type": "string", "title": WORDS}},
        "either": {"oneOf": [{"type": "object", "title": mark, "properties": {mark: {}}} for mark in MARKUP]},
    },
}


def ask(state: dict) -> None:
    interrupt(PAYLOAD, response_schema=SCHEMA)
    raise RuntimeError(f"{WORDS}\n{WORDS}")


builder = StateGraph(dict).add_node(NODE, ask).add_edge(START, NODE)
