"""Dies after each write that going back in time makes; run as a script by test_travel.py.

    python travelling.py FOLDER SHAPE...

As every_write.py, for threads that have come to their end: each is run again, with an edited state where it can be, and
forked, from its input and from the newest step at which it asked. Prints one line of JSON per death.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chaos.every_write import (
    MOST,
    Make,
    Office,
    copy_of,
    deliver_and_die,
    forked,
    kept,
    newest_write,
    pause,
    runs,
    warm_up,
)
from chaos.shapes import SHAPES

from signoff import travel
from signoff.decisions import Decision, Reviewer

ADA = Reviewer(name="Ada")
EDITED = {"item": 7}


def come_to_the_end(make: Make) -> list[str]:
    """Run a thread to its end; return the checkpoints to go back to."""
    pause(make)
    office = Office(make)
    office.finish()
    steps = [one.step for one in office.desk.history("t", limit=100)]
    asked = [step.checkpoint_id for step in steps if step.interrupts and step.next]
    return [steps[-1].checkpoint_id, asked[0]]


def record(make: Make, checkpoint: str, way: str) -> str:
    office = Office(make)
    leaving = travel.departure(office.desk, "t", checkpoint)
    values = EDITED if leaving.state else {}
    if way == "fork":
        return travel.fork(office.desk, leaving, reviewer=ADA, comment="why", to="new", values=values, run=True).id
    return travel.rerun(office.desk, leaving, reviewer=ADA, comment="why", values=values).id


def to_the_end(make: Make, decision_id: str) -> dict[str, Any]:
    office = Office(make)
    decision = office.deliver(office.decision(decision_id))
    later = office.finish()
    return {"outcome": decision.outcome, "error": decision.error, "later": later, **ended(office, decision)}


def ended(office: Office, decision: Decision) -> dict[str, Any]:
    """Return what the thread holds at its end, and how many checkpoints of it begin a branch."""
    steps = [one.step for one in office.desk.history(decision.home, limit=200)]
    log = steps[0].values.get("log") or steps[0].values.get("__end__", {}).get("log", [])
    begun = [step for step in steps if step.source == "fork" and step.metadata.get("signoff_decision") == decision.id]
    held = {"log": sorted(log), "item": steps[0].values.get("item"), "next": steps[0].next}
    return {**held, "begun": len(begun), "audit": office.desk.database.audit.verify()}


def deaths(make: Make, base: Path, recorded: Path, decision_id: str) -> Iterator[dict[str, Any]]:
    with copy_of(recorded, base / "undisturbed"):
        usual, ran_usually = forked(lambda: to_the_end(make, decision_id)), runs()
    for number in range(1, MOST):
        with copy_of(recorded, base / "dead"):
            ran, written = runs(), newest_write()
            if forked(lambda n=number: deliver_and_die(make, decision_id, n)) is not None:
                return
            unfinished = sorted(set(runs() - ran) - kept(written))
            after = forked(lambda: to_the_end(make, decision_id))
            again = dict(runs() - ran_usually)
        yield {"write": number, "unfinished": unfinished, "again": again, "after": after, "usual": usual}


def main(base: Path, shapes: list[str]) -> None:
    warm_up(base / "warm")
    for shape in shapes:
        make, folder = SHAPES[shape], base / shape / "ended"
        folder.mkdir(parents=True)
        os.chdir(folder)
        for place in forked(lambda make=make: come_to_the_end(make)):
            for way in ("rerun", "fork"):
                recorded = base / shape / "recorded"
                with copy_of(folder, recorded):
                    decision_id = forked(lambda make=make, place=place, way=way: record(make, place, way))
                for death in deaths(make, base / shape, recorded, decision_id):
                    print(json.dumps({"shape": shape, "place": place, "way": way, **death}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
