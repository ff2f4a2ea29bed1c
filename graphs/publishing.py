"""An article is drafted, then waits to be read (a static pause after the draft), then goes online."""

from langgraph.graph import END, START, StateGraph
from typing_extensions import TypedDict


class Article(TypedDict):
    topic: str
    author: str
    points: list[str]
    draft: str
    url: str


def write_draft(state: Article) -> dict:
    body = "\n".join(f"{number}. {point}" for number, point in enumerate(state["points"], start=1))
    return {"draft": f"{state['topic']}\nby {state['author']}\n\n{body}"}


def publish_article(state: Article) -> dict:
    slug = "-".join(state["topic"].lower().split())
    return {"url": f"https://news.example.com/{slug}"}


graph = (
    StateGraph(Article)
    .add_sequence([write_draft, publish_article])
    .add_edge(START, "write_draft")
    .add_edge("publish_article", END)
    .compile(interrupt_after=["write_draft"])
)
