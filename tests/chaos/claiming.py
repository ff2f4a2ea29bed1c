"""A person in a process of their own, who waits for the file ``go`` and then works; prints what they were told.

python claiming.py NAME next      claims the next review again and again until nothing is free
python claiming.py NAME over REVIEW   takes the review over
python claiming.py NAME decide REVIEW   decides it
"""

import json
import sys
import time
from pathlib import Path

from signoff import claims
from signoff.decisions import Reviewer
from signoff.errors import SignoffError
from signoff.reviews import Query
from signoff.settings import read_settings
from signoff.wiring import open_desk


def main(name: str, what: str, *review: str) -> None:
    desk, reviewer = open_desk(read_settings()), Reviewer(name=name)

    def claim_all() -> list[str]:
        taken = []
        while event := claims.claim_next(desk, Query(), reviewer=reviewer, minutes=30):
            taken.append(event.review_id)
        return taken

    acts = {
        "next": claim_all,
        "over": lambda: claims.take_over(desk, *review, reason="race", reviewer=reviewer, minutes=30).event,
        "decide": lambda: desk.decide(*review, "yes", reviewer=reviewer).outcome.value,
    }
    Path(f"ready.{name}").touch()
    while not Path("go").exists():
        time.sleep(0.002)
    try:
        print(json.dumps(acts[what]()))
    except SignoffError as error:
        print(json.dumps({"refused": type(error).__name__}))
    desk.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
