"""Unsent answers, kept on the server so that a reload of the page loses nothing. One process, one reviewer each."""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Iterator, MutableMapping
from threading import Lock
from typing import Any, Final

from signoff.ui.form_canvas import Draft

MOST: Final = 1000
"""Drafts kept in a process; the ones not looked at for longest go first."""
ANCHOR: Final = "_signoff_drafts"
"""Name in ``sys.modules`` that outlives a hot reload, which makes module globals anew."""


class Drafts(MutableMapping[str, Draft]):
    """The drafts of one reviewer, by the key of the form."""

    def __init__(self, owner: str, store: OrderedDict[tuple[str, str], Draft], lock: Any) -> None:
        self.owner, self.store, self.lock = owner, store, lock

    def __getitem__(self, key: str) -> Draft:
        with self.lock:
            self.store.move_to_end((self.owner, key))
            return self.store[self.owner, key]

    def __setitem__(self, key: str, draft: Draft) -> None:
        with self.lock:
            self.store[self.owner, key] = draft
            while len(self.store) > MOST:
                self.store.popitem(last=False)

    def __delitem__(self, key: str) -> None:
        with self.lock:
            del self.store[self.owner, key]

    def __iter__(self) -> Iterator[str]:
        with self.lock:
            return iter([key for owner, key in self.store if owner == self.owner])

    def __len__(self) -> int:
        return sum(1 for _ in self)


def drafts_of(owner: str) -> Drafts:
    """Return the drafts of the reviewer named ``owner``, for `signoff.ui.form.render`."""
    modules: dict[str, Any] = sys.modules
    store, lock = modules.setdefault(ANCHOR, (OrderedDict(), Lock()))
    return Drafts(owner, store, lock)
