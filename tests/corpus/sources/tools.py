"""Arguments of LangChain tools (``args_schema``): from signatures, from models, and as an approval edits them."""

# ruff: noqa: E501 - one case on a line reads as a table
# fmt: off

import datetime as dt
from typing import Annotated, Any, Literal

from case import DROP, case
from langchain_core.tools import StructuredTool, tool
from pydantic import BaseModel, Field


@tool
def send_email(to: str, subject: str, body: str, cc: list[str] | None = None, urgent: bool = False) -> str:
    """Send an e-mail."""
    return ""


@tool
def search(query: str, limit: int = 10, site: str | None = None) -> str:
    """Search the web."""
    return ""


@tool
def run_sql(query: str, params: dict[str, Any], timeout: float = 30.0) -> str:
    """Run SQL."""
    return ""


@tool
def transfer(amount: float, currency: Literal["EUR", "USD"], account: str, note: str = "") -> str:
    """Transfer money."""
    return ""


@tool
def plot(columns: list[str], values: list[list[float]], title: str | None = None) -> str:
    """Plot a table."""
    return ""


@tool
def write_file(path: str, content: str, mode: Literal["w", "a"] = "w") -> str:
    """Write a file."""
    return ""


@tool
def move(x: int, y: int, z: int = 0) -> str:
    """Move."""
    return ""


@tool
def no_arguments() -> str:
    """Do it."""
    return ""


@tool
def anything(payload: Any) -> str:
    """Take anything."""
    return ""


@tool
def bare(data: dict, rows: list) -> str:
    """Take unshaped containers."""
    return ""


@tool
def pair(point: tuple[int, int], names: set[str]) -> str:
    """Take a pair and a set."""
    return ""


@tool
def union(value: int | str | None, flag: bool | None = None) -> str:
    """Take one of several."""
    return ""


@tool(parse_docstring=True)
def weather(city: str, day: dt.date, unit: Literal["C", "F"] = "C") -> str:
    """Tell the weather.

    Args:
        city: The name of the city.
        day: Which day.
        unit: Celsius or Fahrenheit.
    """
    return ""


class Attendee(BaseModel):
    name: str
    email: Annotated[str, Field(json_schema_extra={"format": "email"})]
    optional: bool = False


class Meeting(BaseModel):
    """Book a meeting."""

    title: str = Field(max_length=80)
    start: dt.datetime
    minutes: int = Field(60, ge=5, le=480, multiple_of=5)
    attendees: list[Attendee] = Field(min_length=1)
    room: str | None = None


class Filter(BaseModel):
    field: str
    op: Literal["=", "<", ">", "in"]
    value: str | float | list[str]


class Query(BaseModel):
    table: str
    filters: list[Filter] = []
    order: dict[str, Literal["asc", "desc"]] = {}
    limit: Annotated[int, Field(gt=0, lt=1001)] = 100


meeting = StructuredTool.from_function(lambda **kwargs: "", name="meeting", description="Book.", args_schema=Meeting)


def args(one: Any) -> dict[str, Any]:
    return one.args_schema.model_json_schema()


EMAIL = {"to": "ada@example.com", "subject": "Hi", "body": "Dear Ada,\n\nthanks.\n"}

CASES = [
    case("send_email", args(send_email), EMAIL, "to:text subject:text body:text cc:array urgent:boolean", ("to", DROP), ("subject", 5)),
    case("send_email everything", args(send_email), {**EMAIL, "cc": ["bo@example.com"], "urgent": True},
         "to:text subject:text body:text cc.0:text urgent:boolean", ("cc.0", 1), ("urgent", "no"), ("cc", "bo")),
    case("send_email cc null", args(send_email), {**EMAIL, "cc": None, "urgent": False}, "to:text subject:text body:text urgent:boolean", ("body", None)),
    case("search", args(search), {"query": "x", "limit": 3, "site": None}, "query:text limit:integer site:text", ("limit", "3"), ("query", DROP)),
    case("run_sql", args(run_sql), {"query": "select 1\nfrom t", "params": {"a": [1]}, "timeout": 2}, "query:text params:json timeout:number",
         ("params", []), ("timeout", "2s")),
    case("transfer", args(transfer), {"amount": 10.25, "currency": "USD", "account": "x"}, "amount:number currency:choice account:text note:text",
         ("currency", "GBP"), ("amount", "10"), ("account", None)),
    case("plot", args(plot), {"columns": ["a", "b"], "values": [[1.5, 2], []], "title": "T"},
         "columns.0:text columns.1:text values.0.0:number values.0.1:number title:text", ("values.0.1", "x"), ("values.1", None), ("columns", DROP)),
    case("write_file", args(write_file), {"path": "/tmp/x", "content": "a\nb", "mode": "a"}, "path:text content:text mode:choice", ("mode", "r")),
    case("move", args(move), {"x": 1, "y": -2, "z": 0}, "x:integer y:integer z:integer", ("x", 1.5), ("y", DROP), ("z", None)),
    case("no arguments", args(no_arguments), {}, "", ("", [], "")),
    case("anything: object", args(anything), {"payload": {"a": 1}}, "payload:json", ("payload", DROP)),
    case("anything: text", args(anything), {"payload": "text"}, "payload:text", ("", "x", "")),
    case("bare containers", args(bare), {"data": {"k": None}, "rows": [1, "a"]}, "data:json rows:json", ("data", [1]), ("rows", "x")),
    case("pair", args(pair), {"point": [1, 2], "names": ["x", "y"]}, "point.0:integer point.1:integer names.0:text names.1:text",
         ("point.0", "1"), ("point", [1]), ("names", ["x", "x"])),
    case("union: whole", args(union), {"value": 5, "flag": None}, "value:integer flag:boolean", ("value", [1]), ("flag", "no")),
    case("union: text", args(union), {"value": "five", "flag": True}, "value:text flag:boolean", ("value", {})),
    case("union: null", args(union), {"value": None}, "flag:boolean", ("value", DROP), ("value", 1.5)),
    case("weather", args(weather), {"city": "Bonn", "day": "2026-05-01", "unit": "F"}, "city:text day:date unit:choice", ("day", "May"), ("unit", "K")),
    case("meeting", args(meeting),
         {"title": "Plan", "start": "2026-01-02T10:00:00Z", "minutes": 45, "attendees": [{"name": "Ada", "email": "a@b.c"}, {"name": "Bo", "email": "b@b.c", "optional": True}]},
         "title:text start:datetime minutes:integer attendees.0.name:text attendees.0.email:email attendees.0.optional:boolean attendees.1.name:text "
         "attendees.1.email:email attendees.1.optional:boolean room:text",
         ("minutes", 47), ("attendees.1.email", "b"), ("attendees", []), ("start", "10:00"), ("title", "x" * 81), ("attendees.0.name", DROP)),
    case("meeting, naive time", args(meeting), {"title": "x", "start": "2026-01-02T10:00:00", "minutes": 5, "attendees": [{"name": "a", "email": "a@b.c"}], "room": None},
         "title:text start:datetime minutes:integer attendees.0.name:text attendees.0.email:email attendees.0.optional:boolean room:text", ("minutes", 0)),
    case("query", Query.model_json_schema(),
         {"table": "t", "filters": [{"field": "a", "op": "in", "value": ["x", "y"]}, {"field": "b", "op": "<", "value": 3.5}, {"field": "c", "op": "=", "value": "z"}],
          "order": {"a": "asc"}, "limit": 5},
         "table:text filters.0.field:text filters.0.op:choice filters.0.value.0:text filters.0.value.1:text filters.1.field:text filters.1.op:choice "
         "filters.1.value:number filters.2.field:text filters.2.op:choice filters.2.value:text order.a:choice limit:integer",
         ("filters.0.value.1", 5), ("filters.1.op", "!"), ("order.a", "up"), ("limit", 1001), ("filters.2.value", None)),
]
