"""A customer service agent whose tool calls wait for a person: approve, edit, reject, or answer in the tool's place.

Request and answer have the shape of LangChain's ``HumanInTheLoopMiddleware`` (``HITLRequest``, ``HITLResponse``). The
chat model is scripted, so the example needs no key and no network.
"""

import re
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AnyMessage, ToolCall, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.tools import tool
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.types import interrupt

DECISIONS = ["approve", "edit", "reject", "respond"]


@tool
def issue_refund(order: str, amount: float) -> str:
    """Pay an amount in EUR back to the customer."""
    return f"Refunded {amount:.2f} EUR for order {order}."


@tool
def send_email(to: str, subject: str, body: str) -> str:
    """Send an email to a customer."""
    return f"Sent {subject!r} ({len(body)} characters) to {to}."


TOOLS = {tool.name: tool for tool in (issue_refund, send_email)}


class ScriptedModel(BaseChatModel):
    """Calls tools for a customer's message that names an order and an amount, and sums up once the tools have run."""

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(self, messages: list[AnyMessage], *_args: Any, **_kwargs: Any) -> ChatResult:
        said = self._summary(messages) if isinstance(messages[-1], ToolMessage) else self._calls(messages)
        return ChatResult(generations=[ChatGeneration(message=said)])

    def _calls(self, messages: list[AnyMessage]) -> AIMessage:
        text = str(messages[-1].content)
        order, sender = re.search(r"order (\d+)", text), re.search(r"[\w.]+@[\w.]+\w", text)
        reply = {"to": sender[0] if sender else "unknown", "subject": "Your request", "body": "We are looking into it."}
        calls = [ToolCall(name="send_email", args=reply, id=f"call_{len(messages)}_email")]
        if order and (amount := re.search(r"([\d.]+) EUR", text)):
            refund = {"order": order[1], "amount": float(amount[1])}
            reply |= {"subject": f"Order {order[1]}", "body": f"We have refunded {amount[1]} EUR. We are sorry."}
            calls.insert(0, ToolCall(name="issue_refund", args=refund, id=f"call_{len(messages)}_refund"))
        return AIMessage(content="", tool_calls=calls)

    def _summary(self, messages: list[AnyMessage]) -> AIMessage:
        results = [str(message.content) for message in messages if isinstance(message, ToolMessage)]
        return AIMessage(content=" ".join(["Done.", *results]))


model = ScriptedModel()


def call_model(state: MessagesState) -> dict:
    return {"messages": [model.invoke(state["messages"])]}


def review_tool_calls(state: MessagesState) -> dict:
    proposal = state["messages"][-1]
    calls = proposal.tool_calls
    answer = interrupt(
        {
            "action_requests": [
                {"name": call["name"], "args": call["args"], "description": TOOLS[call["name"]].description}
                for call in calls
            ],
            "review_configs": [{"action_name": call["name"], "allowed_decisions": DECISIONS} for call in calls],
        }
    )
    reviewed = [decide(call, made) for call, made in zip(calls, answer["decisions"], strict=True)]
    authorised = proposal.model_copy(update={"tool_calls": [call for call, _ in reviewed]})
    return {"messages": [authorised, *(said for _, said in reviewed if said)]}


def decide(call: ToolCall, decision: dict) -> tuple[ToolCall, ToolMessage | None]:
    """Return the call as authorised, and what the model is told where the tool is not to run."""
    match decision:
        case {"type": "approve"}:
            return call, None
        case {"type": "edit", "edited_action": {"name": name, "args": args}}:
            return {**call, "name": name, "args": args}, None
        case {"type": "reject", **rest}:
            text = rest.get("message") or f"The reviewer rejected {call['name']}."
            return call, ToolMessage(text, tool_call_id=call["id"], name=call["name"], status="error")
        case {"type": "respond", "message": text}:
            return call, ToolMessage(text, tool_call_id=call["id"], name=call["name"])
    raise ValueError(f"unknown decision: {decision!r}")


def run_tools(state: MessagesState) -> dict:
    messages = state["messages"]
    answered = {message.tool_call_id for message in messages if isinstance(message, ToolMessage)}
    proposal = next(message for message in reversed(messages) if isinstance(message, AIMessage))
    waiting = [call for call in proposal.tool_calls if call["id"] not in answered]
    return {"messages": [TOOLS[call["name"]].invoke(call) for call in waiting]}


def calls_tools(state: MessagesState) -> str:
    return "review_tool_calls" if state["messages"][-1].tool_calls else END


graph = (
    StateGraph(MessagesState)
    .add_node(call_model)
    .add_node(review_tool_calls)
    .add_node(run_tools)
    .add_edge(START, "call_model")
    .add_conditional_edges("call_model", calls_tools, ["review_tool_calls", END])
    .add_edge("review_tool_calls", "run_tools")
    .add_edge("run_tools", "call_model")
    .compile()
)
