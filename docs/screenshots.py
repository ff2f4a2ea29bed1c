"""Take the pictures of these documents anew: ``python docs/screenshots.py``. Needs Chromium and the test extra."""

from __future__ import annotations

import re
import runpy
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

from PIL import Image
from playwright.sync_api import sync_playwright

from signoff.cli.serving import free_port
from signoff.decisions import Decision, Reviewer
from signoff.desk import Desk
from signoff.engine import wait_for
from signoff.reviews import Query, Review, Sort
from signoff.settings import read_settings
from signoff.wiring import open_desk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
TROUBLES = {"failed": "light", "stuck": "dark", "stalled": "light", "breakpoint": "dark"}
SIZE = {"width": 1440, "height": 1000}
DAY = [
    # reviewer, thread's graph, node, answer
    ("Bo Eriksen", "risk_review", "assess_risk", {"approved": False, "notes": "Near-match on a sanctions list."}),
    ("Grete Olsen", "deletion", "delete_records", {"action": "continue"}),
    ("Ada Brandt", "transaction", "approve_payment", {"approved": True, "note": "matches the order"}),
    ("Chidi Obi", "intake", "ask_approval", "yes"),
    ("Chidi Obi", "intake", "ask_address", "Hafenstr. 12, 20457 Hamburg"),
    ("Farah Haddad", "publishing", "write_draft", {"action": "continue"}),
    ("Ada Brandt", "transaction", "approve_payment", {"approved": False, "note": "bank details changed last week"}),
]


def main() -> None:
    """Seed a demo, let some people decide, and photograph the pages."""
    with tempfile.TemporaryDirectory() as name, serving(Path(name)) as (url, desk):
        for reviewer, graph, node, answer in DAY:
            decide(desk, find(desk, graph=graph, node=node), answer, reviewer)
        order = find(desk, graph="purchase_order", node="review_lines")
        lines = desk.brief(order.id).waiting.payload["lines"]
        decide(desk, order, {"decision": "approve", "lines": lines, "comment": ""}, "Dana Levy")
        payment = desk.queue(Query(graph="transaction", limit=1)).reviews[0]
        budget = desk.queue(Query(graph="purchase_order", node="release_budget", limit=1)).reviews[0]
        shots = {
            "queue-light": f"/?review={payment.id}",
            "queue-dark": f"/?review={budget.id}",
            "thread-light": f"/thread?thread={order.thread_id}",
            "audit-dark": "/audit",
            "insights-light": "/insights?insights_range=24+hours",
            "trouble-light": "/trouble",
            **{f"{kind}-{scheme}": alone(desk, kind) for kind, scheme in TROUBLES.items()},
        }
        for shot, path in shots.items():
            photograph(f"{url}{path}", HERE / f"{shot}.png", scheme=shot.rpartition("-")[2])
        photograph(f"{url}/?graph=transaction", HERE / "bulk-light.png", scheme="light", prepare=dry_run)


def alone(desk: Desk, kind: str) -> str:
    """Return the address at which a review of this kind is open and stands alone in the list."""
    review = next(review for review in desk.queue(Query(limit=500)).reviews if review.kind == kind)
    return f"/?review={review.id}&q={review.thread_id}"


def find(desk: Desk, **wanted: str) -> Review:
    """Return the newest review at this node of this graph."""
    return desk.queue(Query(sort=Sort.NEWEST, limit=1, **wanted)).reviews[0]


def decide(desk: Desk, review: Review, answer: object, name: str) -> Decision | None:
    """Decide as this person, and wait until the server has applied it."""
    decision = desk.decide(review.id, answer, reviewer=Reviewer(name=name))
    return wait_for(desk.database, decision.id, seconds=30)


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, Desk]]:
    """Serve a freshly seeded demo in this folder; yield its address, and its desk in this process."""
    runpy.run_path(str(ROOT / "graphs" / "seed.py"))["seed"](folder / "demo.sqlite")
    port, graphs = free_port("127.0.0.1", 0), ROOT / "langgraph.json"
    given = ["--db", "demo.sqlite", "--graphs", str(graphs), "--port", str(port), "--as", "Ada Brandt", "--no-browser"]
    with subprocess.Popen([sys.executable, "-m", "signoff.cli", "serve", *given], cwd=folder) as server:  # noqa: S603
        try:
            until_healthy(f"http://127.0.0.1:{port}")
            desk = open_desk(read_settings(db=str(folder / "demo.sqlite"), graphs=graphs))
            yield f"http://127.0.0.1:{port}", desk
            desk.close()
        finally:
            server.terminate()


def until_healthy(url: str) -> None:
    """Wait for the server."""
    for _ in range(300):
        try:
            urlopen(f"{url}/_stcore/health", timeout=1).close()  # noqa: S310 - our own address
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(url)


def dry_run(page: Page) -> None:
    """Take all that match, approve them, and stop before anything is sent."""
    page.get_by_text("Select many").click()
    page.get_by_role("button", name=re.compile("^Select all")).click()
    page.get_by_role("radio", name="Approve").click()
    page.get_by_role("button", name=re.compile("^Dry run")).click()
    page.get_by_role("textbox", name="Why").fill("Within this month's budget")


def photograph(url: str, path: Path, *, scheme: str, prepare: Callable[[Page], None] | None = None) -> None:
    """Save what a visitor sees, in 256 colors, which keeps a picture far below 250 kB."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE, color_scheme=scheme, timezone_id="Europe/Berlin")
        page.goto(url)
        page.locator("h1").wait_for()
        if prepare:
            prepare(page)
        page.wait_for_timeout(3_000)  # until fonts and the table have settled
        page.screenshot(path=path)
        browser.close()
    Image.open(path).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
