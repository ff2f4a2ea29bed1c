"""A living demo desk, and a Chromium that tells when a page complains or talks to anybody but the desk."""

import os
import runpy
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import chromium
import pytest
from forked import Python
from healthy import until_healthy
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from signoff.cli.serving import free_port
from signoff.database import Database
from signoff.reviews import Query, Review

expect.set_options(timeout=30_000)  # ms; a machine with two cores and other work needs some
ROOT = Path(__file__).parents[2]
PROBES = ("/_stcore/health", "/_stcore/host-config")
"""On a deep link Streamlit 1.67 looks for its server below the page's own path first, and gets a 404."""


@dataclass(frozen=True)
class Desk:
    """A server of the demo, seen from outside: its address, and the queue in its database."""

    url: str
    folder: Path

    def reviews(self, *, graph: str | None = None, **wanted: str) -> tuple[Review, ...]:
        database = Database(f"sqlite:///{self.folder / 'demo.signoff.db'}")
        found = database.reviews.page(Query(graph=graph, limit=500)).reviews
        database.close()
        return tuple(r for r in found if all(getattr(r, name) == value for name, value in wanted.items()))

    def untouched(self, graph: str, node: str) -> Review:
        """Return the newest review of this kind; every test takes another thread, for it decides."""
        return self.reviews(graph=graph, node=node, state="waiting")[-1]


@contextmanager
def serving(folder: Path, graphs: Path = ROOT / "langgraph.json", *, name: str = "Ada") -> Iterator[Desk]:
    """Serve ``demo.sqlite`` in this folder to a reviewer of this name until the block ends."""
    port = free_port("127.0.0.1", 0)
    command = ["-m", "signoff.cli", "serve", "--db", "demo.sqlite", "--port", str(port)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SIGNOFF_")} | {"SIGNOFF_AS": name}
    with (folder / "server.log").open("a") as log:
        server = Python(
            [*command, "--graphs", str(graphs), "--no-browser"],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=log,
        )
    try:
        until_healthy(f"http://127.0.0.1:{port}", server, folder / "server.log", seconds=90)
        yield Desk(f"http://127.0.0.1:{port}", folder)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=60)


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing but the demo's checkpoint database."""
    folder = tmp_path_factory.mktemp("seeded")
    runpy.run_path(str(ROOT / "graphs" / "seed.py"))["seed"](folder / "demo.sqlite")
    return folder


@pytest.fixture(scope="session")
def demo(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with serving(Path(shutil.copytree(seeded, tmp_path_factory.mktemp("demo") / "desk"))) as desk:
        yield desk


@pytest.fixture
def fresh_desk(seeded: Path, tmp_path: Path) -> Iterator[Desk]:
    """A server that no visitor has opened yet."""
    with serving(Path(shutil.copytree(seeded, tmp_path / "desk"))) as desk:
        yield desk


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, no longer than a module: Playwright's event loop would be in the way of other tests."""
    with sync_playwright() as playwright, chromium.launch(playwright) as launched:
        yield launched


@dataclass
class Witness:
    """Hears everything that pages say on the console, and every request that they make."""

    said: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def watch(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.said.append(f"uncaught: {error}"))
        page.on("request", lambda request: self._request(request.url))
        page.on("websocket", lambda socket: self._request(socket.url))

    def _console(self, message: ConsoleMessage) -> None:
        probe = message.location["url"].endswith(PROBES) and "404" in message.text
        if message.type == "error" and not probe:
            self.said.append(f"{message.text} ({message.location['url']})")

    def _request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob"):
            self.hosts.add(parts.hostname or url)


@pytest.fixture(scope="module")
def witness() -> Witness:
    return Witness()


@pytest.fixture(scope="module")
def pages() -> list[Page]:
    """Pages that tests open one after another: what Chromium has compiled for one, it need not compile for the next."""
    return []


@pytest.fixture
def visit(browser: Browser, witness: Witness, pages: list[Page]) -> Iterator[Callable[..., Page]]:
    """Open an address as somebody who was never there, each time in a browser context of its own.

    What the pages say and ask for is judged at the end.
    """
    idle, special = pages.copy(), list[Page]()

    def open_page(url: str, *, width: int = 1440, height: int = 1000, scheme: str = "light", **more: bool) -> Page:
        if more or not idle:
            page = browser.new_context(**more).new_page()
            page.set_default_timeout(30_000)
            witness.watch(page)
            (special if more else pages).append(page)
        else:
            page = idle.pop(0)
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        page.goto(url)
        page.locator("h1").wait_for()
        return page

    yield open_page
    for page in special:
        page.context.close()
    for page in pages:
        forget(page)
    said, hosts = witness.said.copy(), witness.hosts.copy()
    witness.said.clear(), witness.hosts.clear()
    assert said == []
    assert hosts <= {"127.0.0.1"}


def forget(page: Page) -> None:
    """Leave a page's address, and nothing behind of what was kept for it."""
    if page.url != "about:blank":
        page.evaluate("localStorage.clear(), sessionStorage.clear()")
        page.goto("about:blank")
    page.context.clear_cookies()
