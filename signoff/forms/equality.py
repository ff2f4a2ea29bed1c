"""When two JSON values are the same: 1 is not true, and 1 is 1.0 only to the schema."""

from __future__ import annotations

import json

from signoff.reviews import ABSENT, Absent, Json


def same_json(one: Json, two: Json) -> bool:
    """Tell whether JSON Schema calls the values equal: 1 and 1.0 are, 1 and true are not (section 4.2.2)."""
    if isinstance(one, bool) or isinstance(two, bool):
        return one is two
    if isinstance(one, dict) and isinstance(two, dict):
        return one.keys() == two.keys() and all(same_json(one[key], two[key]) for key in one)
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(map(same_json, one, two))
    return bool(one == two)


def identical(one: Json | Absent, two: Json | Absent) -> bool:
    """Tell whether the values are written the same, whatever the order of keys."""
    if one is ABSENT or two is ABSENT:
        return one is two
    return json.dumps(one, sort_keys=True) == json.dumps(two, sort_keys=True)
