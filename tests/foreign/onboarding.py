import asyncio
from typing import TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt


class State(TypedDict, total=False):
    employee: str
    laptop: str
    start_date: str
    welcome: str


async def collect(state: State) -> State:
    await asyncio.sleep(0)
    laptop = interrupt(f"Which laptop should {state['employee']} get?")
    start_date = interrupt(f"When does {state['employee']} start?")
    return {"laptop": laptop, "start_date": start_date}


async def greet(state: State) -> State:
    return {"welcome": f"Welcome {state['employee']}, see you on {state['start_date']} with your {state['laptop']}"}


builder = StateGraph(State)
builder.add_node(collect)
builder.add_node(greet)
builder.add_edge(START, "collect")
builder.add_edge("collect", "greet")
builder.add_edge("greet", END)

app = builder.compile(name="onboarding")
