"""What it costs to turn a schema and a prefill into a tree of fields, over the corpus of the tests.

    python benchmarks/forms.py [--runs 20] [--browser]

First: a schema never seen before, reading and checking its references included. Again: every further draw and
keystroke. Beside it, what jsonschema itself takes to validate the same prefill with a validator made for it, as a ratio
that holds on any machine. With ``--browser``, the time until Chromium shows the 160 folded fields of a form of 200,
beside a page with as many plain text fields of Streamlit. Exits 1 when a goal (median 1 ms, p95 10 ms) is missed.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import UnknownType
from jsonschema.validators import validator_for
from playwright.sync_api import Browser, sync_playwright
from referencing import Registry
from referencing.exceptions import Unresolvable

from signoff.cli.serving import free_port
from signoff.forms import build_form, find_problems
from signoff.forms.documents import _from_text

CORPUS = Path(__file__).parents[1] / "tests" / "corpus"
MEDIAN_GOAL, P95_GOAL = 1.0, 10.0


def cases() -> list[tuple[Any, Any]]:
    """Return (schema, valid answer) for every case of the corpus."""
    files = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(CORPUS.glob("*.json"))]
    return [(one["schema"], one["valid"]) for file in files for one in file]


def milliseconds(work: Callable[[Any, Any], object], runs: int) -> list[float]:
    """Return for each case the least time of ``runs`` calls, in ms."""
    return [min(_timed(work, *case) for _ in range(runs)) for case in cases()]


def _timed(work: Callable[[Any, Any], object], schema: Any, data: Any) -> float:
    start = time.perf_counter()
    work(schema, data)
    return (time.perf_counter() - start) * 1000


def first_time(schema: Any, data: Any) -> None:
    """Build a form of a schema that nobody has seen."""
    _from_text.cache_clear()
    build_form(schema, data)


def by_jsonschema(schema: Any, data: Any) -> None:
    """Validate as a program does that uses jsonschema as it comes; on some schemas of the corpus it raises."""
    with suppress(AttributeError, TypeError, re.error, UnknownType, Unresolvable):
        list(validator_for(schema, default=Draft202012Validator)(schema, registry=Registry()).iter_errors(data))


ROWS: dict[str, Callable[[Any, Any], object]] = {
    "build_form, first": first_time,
    "build_form, again": build_form,
    "find_problems, again": find_problems,
    "jsonschema alone": by_jsonschema,
}


PAGE = """
import json, sys
from pathlib import Path
import streamlit as st
from signoff.ui.form import render

cases = json.loads(Path({samples!r}).read_text())
case = next(one for one in cases if one["name"] == "two hundred fields")
if "plain" in st.query_params:
    if st.expander("fields", on_change="rerun").open:
        for at in range(160):
            st.text_input(f"Field {{at}}", value="x", on_change="ignore")
else:
    render(case["schema"], case["valid"], key="f", submit=lambda answer, raw: None)
st.caption("drawn")
"""
OPENED = """(least) => new Promise((done) => {
  const began = performance.now();
  const count = () => document.querySelectorAll("input, textarea").length;
  const seen = new MutationObserver(() => {
    if (count() >= least) { seen.disconnect(); requestAnimationFrame(() => done(performance.now() - began)); }
  });
  seen.observe(document.body, {childList: true, subtree: true});
  document.querySelector("summary").click();
})"""


def in_chromium(runs: int) -> tuple[float, float]:
    """Return the median ms until the fields of our form, and of a plain page, are shown after a click."""
    port = free_port("127.0.0.1", 0)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        (Path(folder) / "page.py").write_text(PAGE.format(samples=str(CORPUS / "samples.json")))
        options = ["--server.port", str(port), "--server.headless", "true", "--browser.gatherUsageStats", "false"]
        command = [sys.executable, "-m", "streamlit", "run", f"{folder}/page.py", *options]
        server = subprocess.Popen([*command, "--server.fileWatcherType", "none"], stdout=subprocess.DEVNULL)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        try:
            time.sleep(5)
            return tuple(statistics.median(_opened(browser, port, one) for _ in range(runs)) for one in ("", "plain"))
        finally:
            browser.close()
            server.terminate()


def _opened(browser: Browser, port: int, query: str) -> float:
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{port}/?{query}=1" if query else f"http://127.0.0.1:{port}/")
    page.get_by_text("drawn", exact=True).wait_for()
    page.wait_for_timeout(1000)
    taken = float(page.evaluate(OPENED, 150))
    page.close()
    return taken


def main() -> int:
    """Print the table; return 1 when the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--browser", action="store_true")
    given = parser.parse_args()
    runs = given.runs
    times = {name: milliseconds(work, runs) for name, work in ROWS.items()}
    base = statistics.median(times["jsonschema alone"])
    print(f"{len(times['jsonschema alone'])} schemas   median ms   p95 ms   worst ms   median / jsonschema")
    for name, found in times.items():
        median, p95 = statistics.median(found), statistics.quantiles(found, n=20)[-1]
        print(f"{name:22} {median:8.3f} {p95:9.3f} {max(found):10.2f} {median / base:12.1f}")
    if given.browser:
        ours, plain = in_chromium(5)
        print(f"160 fields in Chromium: {ours:.0f} ms, plain Streamlit {plain:.0f} ms, ratio {ours / plain:.1f}")
    first = times["build_form, first"]
    return int(statistics.median(first) > MEDIAN_GOAL or statistics.quantiles(first, n=20)[-1] > P95_GOAL)


if __name__ == "__main__":
    sys.exit(main())
