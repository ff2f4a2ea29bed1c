"""Where tests of the desk's own tables run: on SQLite and on a real PostgreSQL, each time on an empty one.

It is a copy of one that the migrations have made, which is quicker than to make it again.
"""

import os
import shutil
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from signoff.database import Database
from signoff.decisions import Decision, Outcome, Reviewer
from signoff.reviews import Kind, digest

BOTH = ("sqlite", "postgres")


@contextmanager
def desk(request, folder):
    """Yield a new desk's database, open, where the fixture's parameter says."""
    with address(request, folder, kind=request.param) as url:
        database = Database(url)
        yield database
        database.close()


@contextmanager
def beside(request, folder):
    """Yield the address of a desk for the fixture ``store``: in PostgreSQL if that is, or SIGNOFF_TEST_DESK says so."""
    kind = os.environ.get("SIGNOFF_TEST_DESK") or request.node.callspec.params.get("store", "sqlite")
    with address(request, folder, kind=kind) as url:
        yield url


@contextmanager
def address(request, folder, *, kind):
    """Yield the address of a desk in which nothing has happened yet."""
    if kind != "postgres":
        yield f"sqlite:///{shutil.copy(request.getfixturevalue('new_desk'), folder / 'desk.db')}"
        return
    template = request.getfixturevalue("new_desk_on_postgres")
    with request.getfixturevalue("postgres").database(template=template) as url:
        yield url


def a_decision(number=0, **more):
    payload = {"question": f"Pay {number}?"}
    decision = Decision(
        id=f"{number:032x}", review_id=f"{number:016x}", thread_id=f"t{number}", checkpoint_id="c", kind=Kind.INTERRUPT,
        interrupt_id="i", attempt=1, title="Pay?", reviewer=Reviewer(name="Ada"), answer={"approved": True},
        resume={"approved": True}, shown={"payload": payload, "schema": None},
        digest=digest(interrupt_id="i", payload=payload, schema=None), outcome=Outcome.RECORDED,
        recorded_at=datetime.now(UTC), proposed={"approved": None},
    )  # fmt: skip
    return replace(decision, **more)
