"""Lists, tuples, maps and what counts them."""

# ruff: noqa: E501 - one case on a line reads as a table
# fmt: off

from case import DROP, case


def shape(properties, required=(), **more):
    return {"type": "object", "properties": properties, "required": list(required), **more}


TEXT, WHOLE, REAL, FLAG = ({"type": kind} for kind in ("string", "integer", "number", "boolean"))
ROW = shape({"name": TEXT, "price": REAL, "stock": {"type": ["integer", "null"]}}, ["name", "price"])

CASES = [
    case("list of texts", {"type": "array", "items": TEXT}, ["", "a", "a"], "0:text 1:text 2:text", ("1", 5), ("", "a", "")),
    case("list of numbers", {"type": "array", "items": REAL, "minItems": 2}, [1, 2.5], "0:number 1:number", ("0", "1"), ("", [1], "")),
    case("list of flags", {"type": "array", "items": FLAG}, [True, False], "0:boolean 1:boolean", ("1", 0)),
    case("table", {"type": "array", "items": ROW}, [{"name": "a", "price": 1.5, "stock": None}, {"name": "b", "price": 2}], "0.name:text 0.price:number 0.stock:integer 1.name:text 1.price:number 1.stock:integer", ("1.price", "2"), ("0.name", DROP), ("0.stock", "x")),
    case("matrix", {"type": "array", "items": {"type": "array", "items": WHOLE}}, [[1, 2], [], [3]], "0.0:integer 0.1:integer 2.0:integer", ("0.1", "2"), ("1", 5)),
    case("choices without uniqueItems", {"type": "array", "items": {"enum": ["a", "b"]}}, ["b", "a"], ":choices", ("0", "c"), ("", "a", "")),
    case("choices chosen twice", {"type": "array", "items": {"enum": ["a", "b"]}}, ["b", "b"], "0:choice 1:choice", ("1", "c")),
    case("choices of numbers", {"type": "array", "items": {"enum": [1, 2.5, True, "1"]}, "uniqueItems": True}, [True, 1], ":choices", ("0", 3), ("", [1, 1], "")),
    case("no choice", {"type": "array", "items": {"enum": ["a", "b"]}, "maxItems": 1}, [], ":choices", ("", ["a", "b"], "")),
    case("list of lists of choices", {"type": "array", "items": {"type": "array", "items": {"enum": ["a", "b"]}}}, [["a"], []], "0:choices 1:choices", ("0.0", "c")),
    case("tuple", {"type": "array", "prefixItems": [TEXT, WHOLE, FLAG], "items": False, "minItems": 3}, ["a", 1, True], "0:text 1:integer 2:boolean", ("1", "x"), ("", ["a", 1], ""), ("2", None)),
    case("tuple with rest", {"type": "array", "prefixItems": [TEXT], "items": WHOLE}, ["a", 1, 2], "0:text 1:integer 2:integer", ("2", "x"), ("0", 5)),
    case("short tuple", {"type": "array", "prefixItems": [TEXT, WHOLE]}, ["a"], "0:text", ("0", 5)),
    case("old tuple", {"type": "array", "items": [TEXT, WHOLE], "additionalItems": FLAG}, ["a", 1, True], "0:text 1:integer 2:boolean", ("2", "x"), ("1", None)),
    case("map of numbers", {"type": "object", "additionalProperties": REAL}, {"a": 1, "b": 2.5}, "a:number b:number", ("b", "x"), ("", [], "")),
    case("map of maps", {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": TEXT}}, {"a": {"b": "c"}, "d": {}}, "a.b:text", ("a.b", 1), ("d", None)),
    case("map of lists of objects", {"type": "object", "additionalProperties": {"type": "array", "items": ROW}}, {"x": [{"name": "a", "price": 1}]}, "x.0.name:text x.0.price:number x.0.stock:integer", ("x.0.price", None), ("x.0", {"price": 1}, "x.0.name")),
    case("map by pattern", {"type": "object", "patternProperties": {"^n_": WHOLE, "^t_": TEXT}, "additionalProperties": False}, {"n_a": 1, "t_b": "x"}, "n_a:integer t_b:text", ("n_a", "x"), ("t_b", 1), ("", {"z": 1}, "")),
    case("map by pattern and rest", {"type": "object", "patternProperties": {"^n_": WHOLE}, "additionalProperties": TEXT}, {"n_a": 1, "z": "x"}, "n_a:integer z:text", ("n_a", 1.5), ("z", 1)),
    case("map with named keys", {"type": "object", "propertyNames": {"enum": ["de", "en"]}, "additionalProperties": TEXT}, {"de": "Hallo"}, "de:text", ("de", 5), ("", {"fr": "x"}, "")),
    case("map beside properties", shape({"id": WHOLE}, ["id"], additionalProperties=REAL), {"id": 1, "x": 2.5}, "id:integer x:number", ("x", "y"), ("id", DROP)),
    case("empty map", {"type": "object", "additionalProperties": REAL}, {}, "", ("", 5, "")),
    case("counted map", {"type": "object", "additionalProperties": TEXT, "minProperties": 1, "maxProperties": 2}, {"a": "x"}, "a:text", ("", {}, ""), ("", {"a": "", "b": "", "c": ""}, "")),
    case("contains", {"type": "array", "items": WHOLE, "contains": {"minimum": 10}}, [1, 12], "0:integer 1:integer", ("", [1], ""), ("1", "x")),
    case("unique", {"type": "array", "items": WHOLE, "uniqueItems": True}, [1, 2], "0:integer 1:integer", ("", [1, 1], "")),
    case("list of dates", {"type": "array", "items": {**TEXT, "format": "date"}}, ["2026-01-01"], "0:date", ("0", "x")),
    case("list of nullable", {"type": "array", "items": {"anyOf": [WHOLE, {"type": "null"}]}}, [1, None], "0:integer 1:integer", ("1", "x")),
    case("list of anything", {"type": "array"}, [1, "x", None], ":json", ("", {}, "")),
    case("unevaluated", {**shape({"a": WHOLE}), "unevaluatedProperties": False}, {"a": 1}, "a:integer", ("", {"a": 1, "b": 1}, "")),
    case("nested tables", shape({"orders": {"type": "array", "items": shape({"lines": {"type": "array", "items": ROW}}, ["lines"])}}), {"orders": [{"lines": [{"name": "a", "price": 1}]}, {"lines": []}]},
         "orders.0.lines.0.name:text orders.0.lines.0.price:number orders.0.lines.0.stock:integer", ("orders.0.lines.0.price", []), ("orders.1", {}, "orders.1.lines")),
]
