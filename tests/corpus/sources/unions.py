"""Unions and conditions: tagged, untagged, nested, beside properties, and chosen by other fields."""

# ruff: noqa: E501 - one case on a line reads as a table
# fmt: off

from case import DROP, case


def shape(properties, required=(), **more):
    return {"type": "object", "properties": properties, "required": list(required), **more}


TEXT, WHOLE, REAL, FLAG = ({"type": kind} for kind in ("string", "integer", "number", "boolean"))
CIRCLE = shape({"type": {"const": "circle"}, "r": {**REAL, "exclusiveMinimum": 0}}, ["type", "r"])
SQUARE = shape({"type": {"const": "square"}, "side": REAL}, ["type", "side"])
GROUP = shape({"type": {"const": "group"}, "parts": {"type": "array", "items": {"$ref": "#/$defs/Shape"}}}, ["type", "parts"])
SHAPES = {"$ref": "#/$defs/Shape", "$defs": {"Shape": {"oneOf": [CIRCLE, SQUARE, GROUP]}}}
PAY = shape({"amount": REAL}, ["amount"], oneOf=[shape({"card": TEXT}, ["card"]), shape({"iban": TEXT}, ["iban"])])
ADDRESS = {
    **shape({"country": {"enum": ["US", "DE"]}, "zip": TEXT}, ["country"]),
    "if": {"properties": {"country": {"const": "US"}}, "required": ["country"]},
    "then": {"properties": {"state": {"enum": ["CA", "NY"]}}, "required": ["state"]},
    "else": {"properties": {"region": TEXT}},
}
CREDIT = {
    **shape({"name": TEXT, "credit": {"enum": ["yes", "no"]}}, ["name"]),
    "dependencies": {"credit": {"oneOf": [{"properties": {"credit": {"enum": ["no"]}}}, {"properties": {"credit": {"enum": ["yes"]}, "card": WHOLE}, "required": ["card"]}]}},
}
VAT = {**shape({"company": TEXT, "private": FLAG}), "dependentSchemas": {"company": {"properties": {"vat": TEXT}, "required": ["vat"]}}}
NEEDS = {**shape({"card": TEXT, "address": TEXT}), "dependentRequired": {"card": ["address"]}}
OLD_NEEDS = {**shape({"card": TEXT, "address": TEXT}), "dependencies": {"card": ["address"]}}
CHAIN = {
    **shape({"a": FLAG}),
    "if": {"properties": {"a": {"const": True}}, "required": ["a"]},
    "then": {"properties": {"b": FLAG}, "if": {"properties": {"b": {"const": True}}, "required": ["b"]}, "then": {"properties": {"c": WHOLE}, "required": ["c"]}},
}
MODE = {**shape({"mode": {"enum": ["fast", "safe"]}}, ["mode"]), "oneOf": [
    {"properties": {"mode": {"const": "fast"}, "speed": WHOLE}, "required": ["speed"]},
    {"properties": {"mode": {"const": "safe"}, "checks": {"type": "array", "items": TEXT}}, "required": ["checks"]},
]}  # fmt: skip
ALL_IFS = {**shape({"kind": {"enum": ["a", "b"]}}, ["kind"]), "allOf": [
    {"if": {"properties": {"kind": {"const": one}}}, "then": {"properties": {f"{one}_size": WHOLE}, "required": [f"{one}_size"]}} for one in "ab"
]}  # fmt: skip

CASES = [
    case("circle", SHAPES, {"type": "circle", "r": 1.5}, "r:number", ("r", 0), ("r", DROP), ("type", "oval")),
    case("square", SHAPES, {"type": "square", "side": 2}, "side:number", ("side", None), ("side", "2")),
    case("group", SHAPES, {"type": "group", "parts": [{"type": "circle", "r": 1}, {"type": "group", "parts": [{"type": "square", "side": 1}]}]},
         "parts.0.r:number parts.1.parts.0.side:number", ("parts.1.parts.0.side", "x"), ("parts.0.type", "x"), ("parts", None)),
    case("pay by card", PAY, {"amount": 1, "card": "x"}, "amount:number card:text", ("amount", "1"), ("card", 5)),
    case("pay by transfer", PAY, {"amount": 1, "iban": "x"}, "amount:number iban:text", ("iban", None), ("amount", DROP)),
    case("if holds", ADDRESS, {"country": "US", "zip": "1", "state": "NY"}, "country:choice zip:text state:choice", ("state", "TX"), ("state", DROP)),
    case("if does not hold", ADDRESS, {"country": "DE", "region": "NRW"}, "country:choice zip:text region:text", ("region", 5), ("country", "FR")),
    case("dependency chooses", CREDIT, {"name": "x", "credit": "yes", "card": 5}, "name:text credit:choice card:integer", ("card", "5"), ("card", DROP)),
    case("dependency chooses none", CREDIT, {"name": "x", "credit": "no"}, "name:text credit:choice", ("name", DROP), ("credit", "maybe")),
    case("dependency asleep", CREDIT, {"name": "x"}, "name:text credit:choice", ("name", 4)),
    case("dependentSchemas", VAT, {"company": "x", "vat": "DE1"}, "company:text private:boolean vat:text", ("vat", DROP), ("vat", 1)),
    case("dependentSchemas asleep", VAT, {"private": True}, "company:text private:boolean", ("private", "x")),
    case("dependentRequired", NEEDS, {"card": "1", "address": "x"}, "card:text address:text", ("address", DROP)),
    case("old dependencies", OLD_NEEDS, {"card": "1", "address": "x"}, "card:text address:text", ("address", DROP), ("card", 1)),
    case("conditions in a row", CHAIN, {"a": True, "b": True, "c": 3}, "a:boolean b:boolean c:integer", ("c", "3"), ("c", DROP)),
    case("conditions in a row, half", CHAIN, {"a": True, "b": False}, "a:boolean b:boolean", ("b", "x")),
    case("mode fast", MODE, {"mode": "fast", "speed": 5}, "mode:choice speed:integer", ("speed", "x"), ("speed", DROP), ("mode", "slow")),
    case("mode safe", MODE, {"mode": "safe", "checks": ["a"]}, "mode:choice checks.0:text", ("checks.0", 1), ("checks", DROP)),
    case("several ifs", ALL_IFS, {"kind": "b", "b_size": 3}, "kind:choice b_size:integer", ("b_size", "3"), ("b_size", DROP)),
    case("types in a list", {"type": ["string", "number", "null"]}, 5.5, ":number", ("", [], "")),
    case("types in a list: text", {"type": ["string", "number", "null"]}, "x", ":text", ("", True, "")),
    case("text or list of texts", {"anyOf": [TEXT, {"type": "array", "items": TEXT}]}, ["a", "b"], "0:text 1:text", ("1", 5), ("", 5, "")),
    case("text or list of texts: text", {"anyOf": [TEXT, {"type": "array", "items": TEXT}]}, "a", ":text", ("", {}, "")),
    case("false or options", shape({"retry": {"anyOf": [{"const": False}, shape({"times": WHOLE}, ["times"])]}}), {"retry": {"times": 3}}, "retry.times:integer",
         ("retry.times", "3"), ("retry", {}, "retry.times")),
    case("nested unions", {"anyOf": [{"anyOf": [WHOLE, TEXT]}, {"type": "array", "items": {"anyOf": [WHOLE, TEXT]}}]}, [1, "x"], "0:integer 1:text", ("0", None)),
    case("single branch", {"oneOf": [shape({"a": WHOLE}, ["a"])]}, {"a": 1}, "a:integer", ("a", "x"), ("a", DROP)),
    case("nullable by type list with properties", {"type": ["object", "null"], "properties": {"a": WHOLE}}, {"a": 1}, "a:integer", ("a", "x")),
    case("nullable reference", {**shape({"m": {"anyOf": [{"$ref": "#/$defs/m"}, {"type": "null"}]}}), "$defs": {"m": shape({"x": REAL}, ["x"])}}, {"m": {"x": 1}}, "m.x:number", ("m.x", DROP), ("m.x", "1")),
    case("one of two required", shape({"a": TEXT, "b": TEXT}, anyOf=[{"required": ["a"]}, {"required": ["b"]}]), {"b": "x"}, "a:text b:text", ("b", 5)),
    case("date or moment", {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}, "2026-01-01T00:00:00Z", ":datetime", ("", 5, "")),
    case("union in a map", {"type": "object", "additionalProperties": {"anyOf": [WHOLE, TEXT]}}, {"a": 1, "b": "x"}, "a:integer b:text", ("a", None)),
    case("const in every branch", {"oneOf": [{"const": 1, "title": "One"}, {"const": "1", "title": "One"}, {"const": True}, {"const": None}]}, "1", ":choice", ("", 2, "")),
    case("enum in a branch tag", {"oneOf": [shape({"k": {"enum": ["a", "b"]}, "x": WHOLE}, ["k", "x"]), shape({"k": {"enum": ["c"]}, "y": TEXT}, ["k", "y"])]},
         {"k": "b", "x": 1}, "k:choice x:integer", ("x", "1"), ("x", DROP)),
]
