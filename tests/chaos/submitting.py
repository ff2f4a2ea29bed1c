"""Many reviewers in one process: each waits for the file ``go``, then answers one review; prints what each was told.

python submitting.py REVIEW NAME...
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from signoff.decisions import Reviewer
from signoff.errors import AlreadyDecided, SignoffError
from signoff.settings import read_settings
from signoff.wiring import open_desk


def main(review: str, names: list[str]) -> None:
    desk = open_desk(read_settings())

    def submit(name: str) -> dict[str, str]:
        while not Path("go").exists():
            time.sleep(0.005)
        try:
            return {"name": name, "won": desk.decide(review, name, reviewer=Reviewer(name=name)).id}
        except AlreadyDecided as late:
            return {"name": name, "lost_to": late.reviewer, "told": str(late)}
        except SignoffError as error:
            return {"name": name, "error": str(error)}

    with ThreadPoolExecutor(len(names)) as pool:
        told = pool.map(submit, names)
        Path(f"ready.{names[0]}").touch()
        print(json.dumps(list(told)))
    desk.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
