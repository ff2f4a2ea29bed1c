"""Hard cases: references, merges, odd keys, odd numbers, schemas that leave things out or are broken in one place."""

# ruff: noqa: E501 - one case on a line reads as a table
# fmt: off

from case import DROP, case


def shape(properties, required=(), **more):
    return {"type": "object", "properties": properties, "required": list(required), **more}


TEXT, WHOLE, REAL, FLAG = ({"type": kind} for kind in ("string", "integer", "number", "boolean"))
NAMED = {"$anchor": "name", "type": "string", "minLength": 2}

CASES = [
    case("odd keys", shape({"a.b": WHOLE, "a/b": WHOLE, "a[0]": WHOLE, "": WHOLE, "~1": WHOLE, " ": WHOLE, "ä": WHOLE, "#/?": WHOLE}, ["a.b"]),
         {"a.b": 1, "a/b": 2, "a[0]": 3, "": 4, "~1": 5, " ": 6, "ä": 7, "#/?": 8},
         {(key,): "integer" for key in ("a.b", "a/b", "a[0]", "", "~1", " ", "ä", "#/?")}, (("a.b",), "x"), (("",), "x"), (("#/?",), None), (("a.b",), DROP)),
    case("keys that look alike", shape({"a": shape({"b": WHOLE}), "a.b": WHOLE, "a/b": TEXT}), {"a": {"b": 1}, "a.b": 2, "a/b": "3"},
         {("a", "b"): "integer", ("a.b",): "integer", ("a/b",): "text"}, (("a", "b"), "x"), (("a.b",), "x")),
    case("mixed enum", {"enum": [1, "1", True, None, [], {"a": 1}, 1.5]}, True, ":choice", ("", False, "")),
    case("mixed enum: list", {"enum": [1, "1", True, None, []]}, [], ":choice", ("", [1], "")),
    case("big whole numbers", shape({"a": WHOLE, "b": WHOLE}), {"a": 2**53 + 1, "b": -(10**30)}, "a:integer b:integer", ("a", str(2**53))),
    case("small numbers", shape({"a": REAL, "b": REAL}), {"a": 1e-12, "b": -0.0}, "a:number b:number", ("a", "0")),
    case("decimal steps", shape({"a": {**REAL, "multipleOf": 0.01}, "b": {**REAL, "multipleOf": 0.1}}), {"a": 4.35, "b": 0.7}, "a:number b:number", ("a", 4.355), ("b", 0.75)),
    case("allOf with base", {"allOf": [{"$ref": "#/$defs/base"}, shape({"b": WHOLE}, ["b"])], "$defs": {"base": shape({"a": TEXT}, ["a"])}}, {"a": "x", "b": 1}, "a:text b:integer", ("a", DROP), ("b", "x")),
    case("allOf narrows", shape({"n": {"allOf": [{"type": "number", "minimum": 3}, {"type": "integer", "maximum": 7}]}}), {"n": 5}, "n:integer", ("n", 2), ("n", 8), ("n", 5.5)),
    case("allOf narrows an enum", shape({"e": {"allOf": [{"enum": ["a", "b", "c"]}, {"enum": ["b", "c", "d"]}]}}), {"e": "c"}, "e:choice", ("e", "a")),
    case("reference with siblings", {**shape({"a": {"$ref": "#/$defs/t", "maxLength": 3, "title": "Mine"}}), "$defs": {"t": {"type": "string", "title": "Theirs"}}}, {"a": "abc"}, "a:text", ("a", "abcd")),
    case("reference to a property", shape({"a": {**WHOLE, "minimum": 3}, "b": {"$ref": "#/properties/a"}}), {"a": 3, "b": 4}, "a:integer b:integer", ("b", 2)),
    case("reference by anchor", {**shape({"a": {"$ref": "#name"}}), "$defs": {"n": NAMED}}, {"a": "xy"}, "a:text", ("a", "x")),
    case("reference by id", {"$id": "https://example.com/root", **shape({"a": {"$ref": "part"}}), "$defs": {"p": {"$id": "part", **WHOLE}}}, {"a": 1}, "a:integer", ("a", "1")),
    case("embedded resource", shape({"args": {"$id": "urn:x:args", **shape({"p": {"$ref": "#/$defs/P"}}), "$defs": {"P": shape({"x": REAL})}}}), {"args": {"p": {"x": 1}}}, "args.p.x:number", ("args.p.x", "1")),
    case("escaped pointer", {**shape({"a": {"$ref": "#/$defs/x~1y%25"}}), "$defs": {"x/y%": FLAG}}, {"a": True}, "a:boolean", ("a", 1)),
    case("reference to nowhere", shape({"a": {"$ref": "#/$defs/none"}, "b": WHOLE}), {"a": {"x": [1]}, "b": 1}, "a:json b:integer", ("b", "x")),
    case("reference to the network", shape({"a": {"$ref": "https://example.com/x.json"}, "b": WHOLE}), {"a": [1], "b": 1}, "a:json b:integer", ("b", "x")),
    case("root refers to itself", shape({"value": WHOLE, "next": {"$ref": "#"}}), {"value": 1, "next": {"value": 2}}, "value:integer next.value:integer", ("next.value", "x")),
    case("mutual recursion", {"$ref": "#/$defs/a", "$defs": {"a": shape({"b": {"$ref": "#/$defs/b"}}), "b": shape({"a": {"$ref": "#/$defs/a"}, "n": WHOLE})}}, {"b": {"n": 1, "a": {"b": {"n": 2}}}}, "b.n:integer b.a.b.n:integer", ("b.a.b.n", "2")),
    case("recursion through a map", {"$ref": "#/$defs/n", "$defs": {"n": shape({"v": WHOLE, "kids": {"type": "object", "additionalProperties": {"$ref": "#/$defs/n"}}})}}, {"v": 1, "kids": {"x": {"v": 2}}}, "v:integer kids.x.v:integer", ("kids.x.v", "2")),
    case("true and empty", shape({"a": True, "b": {}, "c": {"title": "Any"}}), {"a": {"x": 1}, "b": [1], "c": {"y": None}}, "a:json b:json c:json", ("", 5, "")),
    case("anything, scalar", {}, 5, ":integer"),
    case("false property", {**shape({"a": WHOLE}), "additionalProperties": False}, {"a": 1}, "a:integer", ("", {"a": 1, "b": 2}, "")),
    case("type left out: object", {"properties": {"a": {"minLength": 1}, "b": {"minimum": 0}, "c": {"items": TEXT}, "d": {"format": "date"}}}, {"a": "x", "b": 1.5, "c": ["y"], "d": "2026-01-01"},
         "a:text b:number c.0:text d:date", ("a", ""), ("b", -1), ("c.0", 5), ("d", "x")),
    case("type left out: tuple", {"prefixItems": [WHOLE, TEXT]}, [1, "x"], "0:integer 1:text", ("0", "x")),
    case("constants", shape({"version": {"const": 2}, "kind": {"const": "x", "default": "x"}, "n": WHOLE}, ["version"]), {"version": 2, "kind": "x", "n": 1}, "version:const kind:const n:integer", ("version", 3), ("version", DROP)),
    case("structured constant", shape({"c": {"const": {"a": [1, None]}}}, ["c"]), {"c": {"a": [1, None]}}, "c:const", ("c", {"a": [1]})),
    case("null property", shape({"n": {"type": "null"}, "x": WHOLE}, ["n"]), {"n": None, "x": 1}, "n:null x:integer", ("n", 0), ("n", DROP)),
    case("wrong type name", shape({"a": {"type": "strng"}, "b": WHOLE}), {"a": "x", "b": 1}, "a:text b:integer", ("b", "x")),
    case("broken keywords", shape({"a": {"type": "string", "pattern": "(", "minLength": "x"}, "b": {"type": "integer", "minimum": "0"}}, "a"), {"a": "x", "b": 1}, "a:text b:integer", ("a", 5), ("b", "1")),
    case("unicode pattern", shape({"a": {**TEXT, "pattern": r"^\p{Lu}\p{Ll}+$"}}), {"a": "Ärger"}, "a:text", ("a", "ärger")),
    case("read only", shape({"id": {**WHOLE, "readOnly": True}, "name": TEXT}, ["id"]), {"id": 7, "name": "x"}, "id:integer name:text", ("name", 5)),
    case("write only", shape({"pin": {**TEXT, "writeOnly": True, "format": "password"}}), {"pin": "1234"}, "pin:password", ("pin", 1234)),
    case("texts with line ends", shape({"a": TEXT, "b": TEXT}), {"a": "x\r\ny\tz ", "b": "  "}, "a:textarea b:text", ("a", None)),
    case("long text", shape({"a": TEXT}), {"a": "word " * 400}, "a:textarea", ("a", [])),
    case("three kinds of nothing", shape({"absent": {"type": ["string", "null"]}, "null": {"type": ["string", "null"]}, "empty": {"type": ["string", "null"]}}), {"null": None, "empty": ""}, "absent:text null:text empty:text", ("null", 5)),
    case("defaults are not applied to what is there", shape({"a": {**TEXT, "default": "x"}, "b": {"type": "array", "items": WHOLE, "default": [1]}, "c": shape({"d": {**WHOLE, "default": 1}})}), {"c": {}}, "a:text c.d:integer", ("c", 5)),
    case("titles twice", shape({"a": {"oneOf": [{"const": 1, "title": "Same"}, {"const": 2, "title": "Same"}]}}), {"a": 2}, "a:choice", ("a", 3)),
    case("formats", shape({name: {**TEXT, "format": name} for name in ("ipv4", "ipv6", "hostname", "uuid", "duration", "uri", "regex", "json-pointer")}),
         {"ipv4": "192.0.2.1", "ipv6": "::1", "hostname": "example.com", "uuid": "123e4567-e89b-12d3-a456-426614174000", "duration": "P1D", "uri": "urn:x:y", "regex": "a+", "json-pointer": "/a"},
         "ipv4:text ipv6:text hostname:text uuid:text duration:text uri:url regex:text json-pointer:text",
         ("ipv4", "1.2.3"), ("ipv6", "1::2::3"), ("hostname", "-x-"), ("uuid", "x"), ("duration", "P"), ("uri", "x"), ("regex", "("), ("json-pointer", "a")),
    case("unknown format", shape({"a": {**TEXT, "format": "iban"}}), {"a": "x"}, "a:text", ("a", 5)),
    case("number written as a whole", shape({"a": REAL, "b": WHOLE}), {"a": 3, "b": 3.0}, "a:number b:integer", ("a", "3"), ("b", 3.5)),
    case("keys nobody named", shape({"a": WHOLE}), {"a": 1, "more": {"x": [1]}, "text": "t"}, "a:integer more:json text:text", ("a", "x")),
    case("nothing at all", True, {"a": 1}, ":json"),
]
