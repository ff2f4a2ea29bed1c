"""Forms as people ask for them: registration, survey, deployment, claims … and one with two hundred fields."""

# ruff: noqa: E501 - one case on a line reads as a table
# fmt: off

from case import DROP, case


def shape(properties, required=(), **more):
    return {"type": "object", "properties": properties, "required": list(required), **more}


TEXT, WHOLE, REAL, FLAG = ({"type": kind} for kind in ("string", "integer", "number", "boolean"))
DATE = {**TEXT, "format": "date"}
PERSON = shape({"firstName": TEXT, "lastName": TEXT, "age": {**WHOLE, "minimum": 0}, "bio": TEXT, "password": {**TEXT, "minLength": 3}}, ["firstName", "lastName"])
ADDRESS = shape({"street": TEXT, "city": TEXT, "zip": {**TEXT, "pattern": "^\\d{5}$"}}, ["street", "city"])
KIND = ("text", "integer", "number", "boolean", "date", "choice", "email", "textarea")
FIELD = (TEXT, WHOLE, REAL, FLAG, DATE, {"enum": ["a", "b", "c"]}, {**TEXT, "format": "email"}, {**TEXT, "maxLength": 500})
VALUE = ("x", 1, 1.5, True, "2026-01-01", "b", "a@b.c", "long")
WIDE = shape({f"field_{at}": FIELD[at % 8] for at in range(200)}, [f"field_{at}" for at in range(0, 200, 5)])

CASES = [
    case("registration", PERSON, {"firstName": "Chuck", "lastName": "Norris", "age": 75, "bio": "Round\nhouse", "password": "noneed"}, "firstName:text lastName:text age:integer bio:textarea password:text", ("age", -1), ("password", "x"), ("lastName", DROP)),
    case("nested person", shape({"person": PERSON, "home": {"$ref": "#/$defs/a"}, "work": {"$ref": "#/$defs/a"}}, ["home"], **{"$defs": {"a": ADDRESS}}), {"person": {"firstName": "a", "lastName": "b"}, "home": {"street": "s", "city": "c", "zip": "12345"}},
         "person.firstName:text person.lastName:text person.age:integer home.street:text home.city:text home.zip:text work.street:text", ("home.zip", "1"), ("home.city", DROP), ("person.lastName", 5)),
    case("todo", shape({"title": TEXT, "tasks": {"type": "array", "items": shape({"title": TEXT, "done": {**FLAG, "default": False}}, ["title"])}}, ["title"]), {"title": "t", "tasks": [{"title": "a", "done": True}, {"title": "b"}]},
         "title:text tasks.0.title:text tasks.0.done:boolean tasks.1.title:text tasks.1.done:boolean", ("tasks.1.title", DROP), ("tasks.0.done", "yes")),
    case("survey", shape({"rating": {**WHOLE, "minimum": 1, "maximum": 5}, "again": FLAG, "heard": {"type": "array", "items": {"enum": ["web", "friend", "ad"]}, "uniqueItems": True}, "comment": TEXT}, ["rating", "again"]), {"rating": 4, "again": True, "heard": ["ad"], "comment": ""},
         "rating:integer again:boolean heard:choices comment:text", ("rating", 6), ("again", DROP), ("heard.0", "tv")),
    case("deployment", shape({"service": TEXT, "environment": {"enum": ["staging", "production"]}, "replicas": {**WHOLE, "minimum": 1, "maximum": 20, "default": 2}, "strategy": {"oneOf": [{"const": "rolling", "title": "Rolling update"}, {"const": "blue_green", "title": "Blue/green"}]}, "window": shape({"from": {**TEXT, "format": "time"}, "to": {**TEXT, "format": "time"}})}, ["service", "environment"]),
         {"service": "api", "environment": "staging", "replicas": 3, "strategy": "rolling", "window": {"from": "22:00:00Z", "to": "23:30:00Z"}}, "service:text environment:choice replicas:integer strategy:choice window.from:time window.to:time", ("replicas", 0), ("strategy", "x"), ("window.to", "late"), ("environment", DROP)),
    case("claim", shape({"claim": {**TEXT, "pattern": "^C-\\d+$"}, "loss": shape({"on": DATE, "amount": {**REAL, "minimum": 0}}, ["on", "amount"]), "photos": {"type": "array", "items": {**TEXT, "format": "uri"}}, "fraud": {"type": ["boolean", "null"]}}, ["claim", "loss"]),
         {"claim": "C-1", "loss": {"on": "2026-02-01", "amount": 10}, "photos": ["https://x.org/1.jpg"], "fraud": None}, "claim:text loss.on:date loss.amount:number photos.0:url fraud:boolean", ("claim", "1"), ("loss.on", "x"), ("photos.0", "x"), ("loss.amount", DROP), ("fraud", "no")),
    case("incident", shape({"severity": {"type": "integer", "enum": [1, 2, 3]}, "systems": {"type": "array", "items": TEXT, "minItems": 1}, "started": {**TEXT, "format": "date-time"}, "notify": shape({"channels": {"type": "array", "items": {"enum": ["mail", "pager"]}}})}, ["severity", "systems"]),
         {"severity": 2, "systems": ["db"], "started": "2026-01-01T00:00:00+02:00", "notify": {"channels": ["pager"]}}, "severity:choice systems.0:text started:datetime notify.channels:choices", ("severity", 4), ("systems", []), ("notify.channels.0", "fax"), ("started", "now")),
    case("article", shape({"headline": {**TEXT, "maxLength": 60}, "body": TEXT, "tags": {"type": "array", "items": TEXT, "maxItems": 3}, "publish": FLAG}, ["headline", "body"]), {"headline": "h", "body": "a\n\nb", "tags": ["x"], "publish": False},
         "headline:text body:textarea tags.0:text publish:boolean", ("headline", "x" * 61), ("tags", ["a", "b", "c", "d"]), ("body", DROP)),
    case("loan", shape({"applicant": shape({"name": TEXT, "income": {**REAL, "exclusiveMinimum": 0}}, ["name", "income"]), "term": {"enum": [12, 24, 36]}, "rate": {**REAL, "multipleOf": 0.125}, "guarantors": {"type": "array", "items": shape({"name": TEXT, "relation": {"enum": ["parent", "spouse"]}}, ["name"])}}, ["applicant", "term"]),
         {"applicant": {"name": "a", "income": 1.5}, "term": 24, "rate": 2.625, "guarantors": [{"name": "g", "relation": "spouse"}]}, "applicant.name:text applicant.income:number term:choice rate:number guarantors.0.name:text guarantors.0.relation:choice", ("term", 13), ("rate", 2.6), ("applicant.income", 0), ("guarantors.0.relation", "friend")),
    case("localised texts", shape({"texts": {"type": "object", "propertyNames": {"pattern": "^[a-z]{2}$"}, "additionalProperties": TEXT}}), {"texts": {"de": "Hallo", "en": "Hello"}}, "texts.de:text texts.en:text", ("texts.de", 5), ("texts", {"deu": "x"})),
    case("schedule", {"type": "array", "items": shape({"day": {"enum": ["mon", "tue"]}, "slots": {"type": "array", "prefixItems": [{**TEXT, "format": "time"}, {**TEXT, "format": "time"}], "items": False, "minItems": 2}}, ["day"])}, [{"day": "tue", "slots": ["08:00:00", "17:30:00"]}], "0.day:choice 0.slots.0:time 0.slots.1:time", ("0.slots.1", "x"), ("0.day", DROP)),
    case("two hundred fields", WIDE, {f"field_{at}": VALUE[at % 8] for at in range(200)}, " ".join(f"field_{at}:{KIND[at % 8]}" for at in range(200)), ("field_1", "x"), ("field_195", DROP)),
]
