"""A wheel, installed where nobody has the repository, serves the demo from an empty folder."""

import os
import signal
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import chromium
import pytest
from healthy import until_healthy
from playwright.sync_api import expect, sync_playwright

from signoff.cli.serving import free_port

ROOT = Path(__file__).parents[2]
INSIDE = [
    "signoff/_app/dashboard.py",
    "signoff/_app/langgraph.json",
    "signoff/_app/.streamlit/config.toml",
    *(f"signoff/_app/pages/{path.name}" for path in (ROOT / "pages").glob("*.py")),
    *(f"signoff/_app/graphs/{path.name}" for path in (ROOT / "graphs").glob("*.py")),
    "signoff/database/migrations/env.py",
    *(path.relative_to(ROOT).as_posix() for path in (ROOT / "signoff/database/migrations/versions").glob("*.py")),
    "signoff/py.typed",
]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Build the wheel; needs no network."""
    out = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    [built] = out.glob("signoff-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """Install it alone in a new environment that sees the libraries of this one, but not this one's Signoff."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=False, symlinks=True)
    [site] = home.glob("lib/python*/site-packages")
    pip = [sys.executable, "-m", "pip", "--python", str(home), "--quiet", "--disable-pip-version-check", "install"]
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True)
    (site / "libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return home


def test_dashboard_pages_graphs_and_settings_travel_inside(wheel):
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())

    assert set(INSIDE) - names == set()
    assert not [name for name in names if "__pycache__" in name or name.startswith("tests/")]


@pytest.mark.browser
def test_the_demo_runs_from_an_empty_folder(installed, tmp_path):
    port = free_port("127.0.0.1", 0)
    where = [installed / "bin" / "python", "-c", "import signoff; print(signoff.__file__)"]
    assert subprocess.check_output(where, text=True, cwd=tmp_path).startswith(str(installed))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SIGNOFF_", "PYTHON"))}

    with subprocess.Popen(
        [installed / "bin" / "signoff", "demo", "--no-browser", "--port", str(port)], cwd=tmp_path, env=environment
    ) as server:
        try:
            until_healthy(f"http://127.0.0.1:{port}", server, seconds=120)
            look_at(f"http://127.0.0.1:{port}/")
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=60)

    assert server.returncode == 0
    assert list(tmp_path.iterdir()) == []


def look_at(url):
    with sync_playwright() as playwright, chromium.launch(playwright) as browser:
        page = browser.new_page()
        page.goto(url)
        expect(page.get_by_role("heading", name="Review queue")).to_be_visible(timeout=60_000)
        expect(page.get_by_role("link", name="Audit").first).to_be_visible()
        expect(page.get_by_role("button", name="Submit and resume")).to_be_visible(timeout=60_000)
