"""Pydantic models as graphs declare them with ``response_schema``."""

# ruff: noqa: E501 - one case on a line reads as a table
# fmt: off

import datetime as dt
import enum
import uuid
from decimal import Decimal
from typing import Annotated, Any, Literal, Optional

from case import DROP, case
from pydantic import AnyUrl, BaseModel, ConfigDict, Field, RootModel, SecretStr


class Approval(BaseModel):
    approved: bool
    comment: str = ""


class Refund(BaseModel):
    amount: float = Field(gt=0, le=5000, description="In euros")
    reason: Literal["damaged", "late", "other"]
    notify: bool = True


class Money(BaseModel):
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    cents: int = Field(ge=0)


class Invoice(BaseModel):
    number: str = Field(min_length=3, max_length=20)
    total: Money
    due: dt.date
    paid_at: dt.datetime | None = None


class Line(BaseModel):
    sku: str
    quantity: int = Field(ge=1, le=99)
    price: float | None = None


class Order(BaseModel):
    lines: list[Line] = Field(min_length=1)
    shipping: Literal["standard", "express"] = "standard"
    tags: set[str] = set()


class Colour(enum.Enum):
    RED = "red"
    GREEN = "green"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Ticket(BaseModel):
    colour: Colour
    level: Level
    colours: list[Colour] = []


class Optionals(BaseModel):
    text: str | None = None
    whole: int | None = None
    real: float | None = None
    flag: bool | None = None
    day: dt.date | None = None
    pick: Literal["a", "b"] | None = None
    model: Money | None = None
    many: list[int] | None = None


class Times(BaseModel):
    day: dt.date
    at: dt.time
    moment: dt.datetime
    lasting: dt.timedelta


class Identity(BaseModel):
    id: uuid.UUID
    site: AnyUrl
    secret: SecretStr
    blob: bytes = b""


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"
    breed: str
    good: bool


class Pet(BaseModel):
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]


class MaybePet(BaseModel):
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] | None = None


class Pets(BaseModel):
    pets: list[Annotated[Cat | Dog, Field(discriminator="kind")]]


class Either(BaseModel):
    value: int | str
    items: list[int | str] = []


class Untagged(BaseModel):
    target: Money | Line


class Tree(BaseModel):
    name: str
    children: list["Tree"] = []


class Chain(BaseModel):
    value: int
    next: Optional["Chain"] = None


class Scores(BaseModel):
    by_name: dict[str, float]
    by_group: dict[str, Money] = {}
    anything: dict[str, Any] = {}


class Point(BaseModel):
    at: tuple[float, float]
    label: tuple[str, int] | None = None


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str


class Price(BaseModel):
    exact: Decimal = Field(max_digits=8, decimal_places=2)
    step: float = Field(multiple_of=0.05)


class Aliased(BaseModel):
    first_name: str = Field(alias="firstName")
    dotted: int = Field(alias="a.b")
    slashed: int = Field(alias="a/b")


class Emails(RootModel[list[Annotated[str, Field(json_schema_extra={"format": "email"})]]]):
    pass


class Deep(BaseModel):
    class A(BaseModel):
        class B(BaseModel):
            class C(BaseModel):
                leaf: int

            c: C

        b: B

    a: A


class Plan(BaseModel):
    goal: str
    steps: list[str] = Field(min_length=1, max_length=5)
    deadline: dt.date | None = None
    effort: Annotated[int, Field(ge=1, le=10)]


class Described(BaseModel):
    """A model with a docstring that is **Markdown** ![x](http://example.com/x.png)."""

    text: str = Field(title="<script>alert(1)</script>", description="See http://example.com")


MONEY = {"currency": "EUR", "cents": 5}
UID = "123e4567-e89b-12d3-a456-426614174000"

CASES = [
    case("approval", Approval, {"approved": True, "comment": "x"}, "approved:boolean comment:text", ("approved", "maybe"), ("approved", DROP)),
    case("refund", Refund, {"amount": 12.5, "reason": "late", "notify": False}, "amount:number reason:choice notify:boolean",
         ("amount", 0), ("amount", "x"), ("reason", "bored"), ("notify", None)),
    case("money", Money, MONEY, "currency:text cents:integer", ("currency", "eur"), ("cents", 1.5), ("cents", -1)),
    case("invoice", Invoice, {"number": "A-17", "total": MONEY, "due": "2026-01-31", "paid_at": "2026-01-02T03:04:05Z"},
         "number:text total.currency:text total.cents:integer due:date paid_at:datetime",
         ("number", "A"), ("total.cents", DROP), ("due", "31.01.2026"), ("paid_at", "yesterday"), ("total", 5)),
    case("invoice unpaid", Invoice, {"number": "A-17", "total": MONEY, "due": "2026-01-31", "paid_at": None},
         "number:text total.currency:text total.cents:integer due:date paid_at:datetime", ("due", None), ("total.currency", "")),
    case("order", Order, {"lines": [{"sku": "x", "quantity": 2, "price": None}, {"sku": "y", "quantity": 1, "price": 2.5}], "tags": ["a", "b"]},
         "lines.0.sku:text lines.0.quantity:integer lines.0.price:number lines.1.sku:text lines.1.quantity:integer lines.1.price:number "
         "shipping:choice tags.0:text tags.1:text",
         ("lines", []), ("lines.1.quantity", 100), ("lines.0.sku", DROP), ("tags", ["a", "a"]), ("shipping", "slow"), ("lines.1.price", "2")),
    case("ticket", Ticket, {"colour": "red", "level": 2, "colours": ["green", "red"]}, "colour:choice level:choice colours:choices",
         ("colour", "blue"), ("level", "2"), ("colours.1", "blue")),
    case("optionals all null", Optionals, dict.fromkeys(Optionals.model_fields),
         "text:text whole:integer real:number flag:boolean day:date pick:choice", ("whole", "x"), ("flag", 1), ("pick", "c"), ("day", "x")),
    case("optionals all set", Optionals,
         {"text": "", "whole": 0, "real": 0.0, "flag": False, "day": "2026-02-03", "pick": "b", "model": MONEY, "many": [1, 2]},
         "text:text whole:integer real:number flag:boolean day:date pick:choice model.currency:text model.cents:integer many.0:integer many.1:integer",
         ("model.cents", "5"), ("many.1", "x"), ("real", "0"), ("text", 5), ("model.currency", DROP)),
    case("optionals absent", Optionals, {}, "text:text whole:integer real:number flag:boolean day:date pick:choice", ("", [], "")),
    case("times", Times, {"day": "2026-01-02", "at": "03:04:05", "moment": "2026-01-02T03:04:05.678901+02:00", "lasting": "P3DT4H"},
         "day:date at:time moment:datetime lasting:text", ("day", "2026-02-30"), ("at", "25:00:00"), ("moment", "2026-01-02"), ("lasting", "3 days")),
    case("identity", Identity, {"id": UID, "site": "https://example.com/x?y=1", "secret": "s", "blob": "x"},
         "id:text site:url secret:password blob:text", ("id", "17"), ("site", "not a url"), ("secret", None)),
    case("pet cat", Pet, {"pet": {"kind": "cat", "lives": 7}}, "pet.lives:integer", ("pet.lives", "seven"), ("pet.lives", DROP)),
    case("pet dog", Pet, {"pet": {"kind": "dog", "breed": "lab", "good": True}}, "pet.breed:text pet.good:boolean",
         ("pet.good", "yes"), ("pet.breed", 3), ("pet", {"kind": "bird"}, "pet.kind")),
    case("maybe pet none", MaybePet, {"pet": None}, "", ("pet", "cat"), ("pet", {"kind": "cat"}, "pet.lives")),
    case("maybe pet dog", MaybePet, {"pet": {"kind": "dog", "breed": "lab", "good": False}}, "pet.breed:text pet.good:boolean",
         ("pet.good", None), ("pet.breed", DROP)),
    case("pets", Pets, {"pets": [{"kind": "dog", "breed": "x", "good": True}, {"kind": "cat", "lives": 9}]},
         "pets.0.breed:text pets.0.good:boolean pets.1.lives:integer", ("pets.1.lives", "9"), ("pets.0.good", DROP), ("pets", {})),
    case("either whole", Either, {"value": 5, "items": [1, "a"]}, "value:integer items.0:integer items.1:text", ("value", 1.5), ("items.0", None)),
    case("either text", Either, {"value": "5"}, "value:text", ("value", []), ("value", DROP)),
    case("untagged money", Untagged, {"target": MONEY}, "target.currency:text target.cents:integer", ("target.cents", "x"), ("target", 4)),
    case("untagged line", Untagged, {"target": {"sku": "a", "quantity": 3}}, "target.sku:text target.quantity:integer target.price:number",
         ("target.quantity", 0), ("target.sku", None)),
    case("tree", Tree, {"name": "r", "children": [{"name": "a", "children": [{"name": "b", "children": []}]}, {"name": "c"}]},
         "name:text children.0.name:text children.0.children.0.name:text children.1.name:text",
         ("children.0.children.0.name", 5), ("children.1.name", DROP), ("children", None)),
    case("chain", Chain, {"value": 1, "next": {"value": 2, "next": {"value": 3, "next": None}}},
         "value:integer next.value:integer next.next.value:integer", ("next.next.value", "x"), ("next.value", DROP)),
    case("scores", Scores, {"by_name": {"ada": 1.5, "b.c": 2, "": 0.0}, "by_group": {"x": MONEY}, "anything": {"a": [1, {"b": None}]}},
         {("by_name", "ada"): "number", ("by_name", "b.c"): "number", ("by_name", ""): "number", ("by_group", "x", "currency"): "text",
          ("by_group", "x", "cents"): "integer", ("anything",): "json"},
         (("by_name", "b.c"), "x"), (("by_group", "x", "cents"), -3), ("anything", [])),
    case("point", Point, {"at": [1.5, 2], "label": ["x", 3]}, "at.0:number at.1:number label.0:text label.1:integer",
         ("at", [1]), ("at.1", "x"), ("label.1", "3"), ("at", [1, 2, 3])),
    case("strict", Strict, {"name": "x"}, "name:text", ("", {"name": "x", "more": 1}, ""), ("name", 1)),
    case("open", Open, {"name": "x", "extra": 1, "more": "y"}, "name:text", ("name", 1)),
    case("price", Price, {"exact": 12.25, "step": 0.15}, "exact:number step:number", ("step", 0.07), ("exact", True)),
    case("price as text", Price, {"exact": "12.25", "step": 0.3}, "exact:text step:number", ("exact", None), ("step", "0.3")),
    case("aliased", Aliased, {"firstName": "Ada", "a.b": 1, "a/b": 2}, {("firstName",): "text", ("a.b",): "integer", ("a/b",): "integer"},
         (("a.b",), "x"), (("a/b",), DROP)),
    case("emails", Emails, ["ada@example.com", "bo@example.com"], "0:email 1:email", ("1", "nobody"), ("0", 5), ("", {}, "")),
    case("no emails", Emails, [], "", ("0", "x")),
    case("deep", Deep, {"a": {"b": {"c": {"leaf": 1}}}}, "a.b.c.leaf:integer", ("a.b.c.leaf", "1"), ("a.b.c", {}, "a.b.c.leaf"), ("a.b", 1)),
    case("plan", Plan, {"goal": "ship", "steps": ["a", "b"], "deadline": None, "effort": 3},
         "goal:text steps.0:text steps.1:text deadline:date effort:integer", ("steps", []), ("effort", 11), ("steps.0", 3), ("goal", DROP)),
    case("described", Described, {"text": "x"}, "text:text", ("text", 1)),
    case("list of models", list[Line], [{"sku": "a", "quantity": 1}], "0.sku:text 0.quantity:integer 0.price:number", ("0.quantity", "1"), ("0.sku", DROP)),
    case("union at the root", int | str | None, 5, ":integer", ("", [], "")),
    case("plain bool", bool, True, ":boolean", ("", "yes", "")),
    case("plain text", str, "hello", ":text", ("", 5, "")),
    case("plain date", dt.date, "2026-01-01", ":date", ("", "soon", "")),
    case("plain literal", Literal["yes", "no", 3], 3, ":choice", ("", "3", "")),
    case("dict of lists", dict[str, list[int]], {"a": [1, 2], "b": []}, "a.0:integer a.1:integer", ("a.1", "x"), ("b", 5)),
    case("optional model at the root", Money | None, MONEY, "currency:text cents:integer", ("cents", None), ("currency", 5)),
    case("tagged at the root", Annotated[Cat | Dog, Field(discriminator="kind")], {"kind": "dog", "breed": "x", "good": True},
         "breed:text good:boolean", ("good", "x"), ("breed", DROP)),
]
