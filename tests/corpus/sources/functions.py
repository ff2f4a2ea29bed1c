"""Parameters of function calls as OpenAI, Anthropic and their users write them."""

# ruff: noqa: E501 - one case on a line reads as a table
# fmt: off

from case import DROP, case


def function(properties, required=(), **more):
    return {"type": "object", "properties": properties, "required": list(required), **more}


TEXT, WHOLE, REAL, FLAG = ({"type": kind} for kind in ("string", "integer", "number", "boolean"))
CLOSED = {"additionalProperties": False}
WEATHER = function({"location": {**TEXT, "description": "City, e.g. Paris"}, "unit": {**TEXT, "enum": ["celsius", "fahrenheit"]}}, ["location"])
ITEM = function({"sku": TEXT, "qty": {**WHOLE, "minimum": 1}}, ["sku", "qty"], **CLOSED)
STEP = function({"explanation": TEXT, "output": TEXT}, ["explanation", "output"], **CLOSED)
NODE = {"$ref": "#/$defs/node"}
UI = {**function({"root": NODE}, ["root"], **CLOSED), "$defs": {"node": function({"tag": {"enum": ["div", "p"]}, "children": {"type": "array", "items": NODE}}, ["tag", "children"], **CLOSED)}}

CASES = [
    case("get_weather", WEATHER, {"location": "Paris"}, "location:text unit:choice", ("location", DROP), ("", {"location": "x", "unit": "K"}, "unit")),
    case("strict mode nulls", function({"a": {"type": ["string", "null"]}, "b": {"type": ["integer", "null"]}, "c": {"type": ["boolean", "null"]}}, "abc", **CLOSED),
         {"a": None, "b": 5, "c": None}, "a:text b:integer c:boolean", ("a", 1), ("b", "5"), ("c", DROP)),
    case("strict mode nullable enum", function({"u": {"type": ["string", "null"], "enum": ["x", "y", None]}}, "u", **CLOSED), {"u": None}, "u:choice", ("u", "z")),
    case("order", function({"items": {"type": "array", "items": ITEM}, "gift": FLAG}, ["items"], **CLOSED), {"items": [{"sku": "a", "qty": 1}], "gift": False},
         "items.0.sku:text items.0.qty:integer gift:boolean", ("items.0.qty", 0), ("items.0", {"sku": "a", "qty": 1, "x": 1}), ("items", None), ("", {"items": [], "y": 1}, "")),
    case("math steps", function({"steps": {"type": "array", "items": STEP}, "final_answer": TEXT}, ["steps", "final_answer"], **CLOSED),
         {"steps": [{"explanation": "a", "output": "b"}], "final_answer": "c"}, "steps.0.explanation:text steps.0.output:text final_answer:text", ("steps.0.output", None), ("final_answer", DROP)),
    case("recursive interface", UI, {"root": {"tag": "div", "children": [{"tag": "p", "children": []}]}}, "root.tag:choice root.children.0.tag:choice",
         ("root.children.0.tag", "b"), ("root.children.0.children", DROP)),
    case("vector", function({"point": {"type": "array", "items": REAL, "minItems": 3, "maxItems": 3}}, ["point"]), {"point": [1, 2.5, -3]},
         "point.0:number point.1:number point.2:number", ("point", [1]), ("point.2", "z")),
    case("no parameters", function({}), {}, "", ("", None, "")),
    case("no type", {"properties": {"q": TEXT}, "required": ["q"]}, {"q": "x"}, "q:text", ("q", 1), ("q", DROP)),
    case("nested without required", function({"filter": function({"from": {**TEXT, "format": "date"}, "to": {**TEXT, "format": "date"}})}), {"filter": {"from": "2026-01-01"}},
         "filter.from:date filter.to:date", ("filter.from", "now"), ("filter", [])),
    case("nested, absent", function({"filter": function({"from": {**TEXT, "format": "date"}}, ["from"])}), {}, "filter.from:date", ("", {"filter": {}}, "filter.from")),
    case("calculator", function({"op": {"enum": ["+", "-", "*", "/"]}, "a": REAL, "b": REAL}, ["op", "a", "b"]), {"op": "*", "a": 2, "b": 1e-7}, "op:choice a:number b:number", ("b", "2"), ("op", "^")),
    case("free-form metadata", function({"id": WHOLE, "meta": {"type": "object"}}, ["id"]), {"id": 7, "meta": {"k": [1, {"x": None}]}}, "id:integer meta:json", ("meta", "x"), ("id", 7.5)),
    case("string map", function({"env": {"type": "object", "additionalProperties": TEXT}}), {"env": {"PATH": "/bin", "A B": ""}}, {("env", "PATH"): "text", ("env", "A B"): "text"}, ("env.PATH", 5)),
    case("date range", function({"start": {**TEXT, "format": "date-time"}, "end": {**TEXT, "format": "date-time"}}, ["start"]),
         {"start": "2026-01-01T10:20:30.5+05:30", "end": "2026-01-01T10:20:30Z"}, "start:datetime end:datetime", ("end", "2026-13-01T00:00:00Z"), ("start", "")),
    case("code", function({"language": {"enum": ["python", "sql"]}, "code": {**TEXT, "contentMediaType": "text/x-python"}}, ["code"]), {"code": "x = 1"}, "language:choice code:textarea", ("code", None)),
    case("thinking", function({"thought": TEXT, "next": FLAG, "number": {**WHOLE, "minimum": 1}, "total": {**WHOLE, "minimum": 1}}, ["thought", "next", "number", "total"]),
         {"thought": "hm", "next": True, "number": 1, "total": 5}, "thought:text next:boolean number:integer total:integer", ("total", 0), ("next", "true")),
    case("ids", function({"ids": {"type": "array", "items": {**TEXT, "format": "uuid"}, "uniqueItems": True}}), {"ids": ["123e4567-e89b-12d3-a456-426614174000"]}, "ids.0:text", ("ids.0", "1"), ("ids", "x")),
    case("big id", function({"id": WHOLE}, ["id"]), {"id": 2**63 + 1}, "id:integer", ("id", str(2**63))),
    case("percent", function({"p": {**REAL, "minimum": 0, "maximum": 100, "multipleOf": 0.1}}), {"p": 0.3}, "p:number", ("p", 0.35), ("p", 100.1)),
    case("draft-07 declared", {"$schema": "http://json-schema.org/draft-07/schema#", **function({"pair": {"type": "array", "items": [WHOLE, TEXT], "additionalItems": False}}, ["pair"])},
         {"pair": [1, "x"]}, "pair.0:integer pair.1:text", ("pair.1", 2), ("pair", [1, "x", 2])),
    case("2020-12 declared", {"$schema": "https://json-schema.org/draft/2020-12/schema", **function({"d": {**TEXT, "format": "date"}}, ["d"])}, {"d": "2026-01-01"}, "d:date", ("d", "x"), ("d", DROP)),
]
