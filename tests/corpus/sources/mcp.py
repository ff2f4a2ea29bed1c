"""Elicitation schemas of MCP 2025-11-25: flat, with titled choices, multi-selects and defaults."""

# ruff: noqa: E501 - one case on a line reads as a table
# fmt: off

from case import DROP, case


def form(required=(), /, **properties):
    return {"type": "object", "properties": properties, "required": list(required)}


TITLED = [{"const": "r", "title": "Red"}, {"const": "g", "title": "Green"}]
MANY = {"type": "array", "items": {"anyOf": TITLED}, "minItems": 1, "maxItems": 2, "title": "Colours"}

CASES = [
    case("name", form(["name"], name={"type": "string", "title": "Full name", "minLength": 2}), {"name": "Ada"}, "name:text", ("name", "A"), ("name", DROP)),
    case("contact", form(["email"], email={"type": "string", "format": "email"}, age={"type": "integer", "minimum": 18, "maximum": 120}),
         {"email": "a@b.c", "age": 30}, "email:email age:integer", ("email", "a"), ("age", 17), ("age", "30"), ("email", DROP)),
    case("site", form(site={"type": "string", "format": "uri"}), {"site": "https://x.org"}, "site:url", ("site", "x y")),
    case("dates", form(["on"], on={"type": "string", "format": "date"}, at={"type": "string", "format": "date-time"}),
         {"on": "2026-01-01", "at": "2026-01-01T00:00:00Z"}, "on:date at:datetime", ("on", "1 Jan"), ("at", "noon")),
    case("number", form(["rate"], rate={"type": "number", "minimum": 0, "maximum": 1, "default": 0.5}), {"rate": 0.25}, "rate:number", ("rate", 1.1), ("rate", None)),
    case("flag", form(["ok"], ok={"type": "boolean", "title": "Agree?"}), {"ok": False}, "ok:boolean", ("ok", "false"), ("ok", DROP)),
    case("flag with default", form(ok={"type": "boolean", "default": True}), {}, "ok:boolean", ("", {"ok": 1}, "ok")),
    case("enum", form(["size"], size={"type": "string", "enum": ["s", "m", "l"]}), {"size": "m"}, "size:choice", ("size", "xl"), ("size", DROP)),
    case("enum with old names", form(size={"type": "string", "enum": ["s", "m"], "enumNames": ["Small", "Medium"]}), {"size": "s"}, "size:choice", ("size", "Small")),
    case("titled enum", form(colour={"type": "string", "oneOf": TITLED}), {"colour": "g"}, "colour:choice", ("colour", "Green"), ("colour", 5)),
    case("titled enum, anyOf", form(["colour"], colour={"type": "string", "anyOf": TITLED, "default": "r"}), {"colour": "r"}, "colour:choice", ("colour", "b")),
    case("multi-select", form(["sizes"], sizes={"type": "array", "items": {"type": "string", "enum": ["s", "m", "l"]}, "minItems": 1}),
         {"sizes": ["l", "s"]}, "sizes:choices", ("sizes", []), ("sizes.1", "xl"), ("sizes", "l")),
    case("titled multi-select", form(["colours"], colours=MANY), {"colours": ["g", "r"]}, "colours:choices", ("colours", []), ("colours.0", "x")),
    case("titled multi-select, oneOf", form(colours={"type": "array", "items": {"oneOf": TITLED}, "uniqueItems": True}), {"colours": ["r"]}, "colours:choices",
         ("colours", ["r", "r"]), ("colours.0", None)),
    case("multi-select with default", form(sizes={"type": "array", "items": {"enum": ["s", "m"]}, "default": ["m"]}), {"sizes": []}, "sizes:choices", ("sizes", {})),
    case("pattern", form(["zip"], zip={"type": "string", "pattern": "^[0-9]{5}$", "description": "Five digits"}), {"zip": "01234"}, "zip:text", ("zip", "1234"), ("zip", 1234)),
    case("defaults everywhere", form(name={"type": "string", "default": "x"}, n={"type": "integer", "default": 3}, ok={"type": "boolean", "default": False}),
         {"name": "y", "n": 0, "ok": True}, "name:text n:integer ok:boolean", ("n", 0.5)),
    case("empty text stays", form(name={"type": "string", "default": "x"}), {"name": ""}, "name:text", ("name", [])),
    case("all optional, none given", form(a={"type": "string"}, b={"type": "number"}, c={"type": "boolean"}, d={"enum": ["x"]}), {}, "a:text b:number c:boolean d:choice", ("", 5, "")),
    case("long text", form(["bio"], bio={"type": "string", "maxLength": 2000}), {"bio": "line\nline"}, "bio:textarea", ("bio", "x" * 2001)),
]
