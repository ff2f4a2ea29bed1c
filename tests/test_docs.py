"""Every command and every code block of README.md and docs/*.md runs, page by page, in the order of the page.

The blocks of a page share a folder. A Python or TOML block whose first line is a comment like ``# graph.py`` is that
file; so is a block with a name behind its language (```` ```json langgraph.json ````). In commands, REVIEW, THREAD,
DIGEST and CHECKPOINT stand for those of the first review that waits, and localhost:8501 for the server that the block
has started.
"""

import contextlib
import http.client
import json
import os
import re
import runpy
import shlex
import shutil
import socket
import subprocess
import sys
import textwrap
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
from forked import Python
from langgraph.checkpoint.sqlite import SqliteSaver

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]
FILLED = (README, ROOT / "docs" / "time-travel.md")

_FENCE = re.compile(r"^( *)```(\w*) *(\S*)[^\n]*\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
_NAMED = re.compile(r"# ([\w./-]+\.\w+)\s*$")
_LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)")
_TEST_NAME = re.compile(r"`(test_\w+)`")
_STAND_IN = re.compile(r"\b(REVIEW|THREAD|DIGEST|CHECKPOINT)\b")
_DESK_FLAGS = re.compile(r"--(?:db|graphs|graph|desk)[ =]\S+")
_SHELL = re.compile(r"[|<>&;$`*]|^\w+=")
_PYTHON = {"python": (), "signoff": ("-m", "signoff.cli")}
_PAYMENT = {"customer": "ACME", "amount": 48_000.0, "currency": "EUR", "reason": "invoice 4711"}


@dataclass(frozen=True, kw_only=True)
class Block:
    page: Path
    line: int
    language: str
    text: str
    file: str | None

    def __str__(self):
        return f"{self.page.name}:{self.line} {self.file or self.text.strip().splitlines()[0][:60]}"

    @property
    def commands(self):
        """What a reader types: the lines behind ``$``, or all of them where there is none; ``\\`` continues a line."""
        lines = self.text.replace("\\\n", "").splitlines()
        typed = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
        return typed or [line for line in lines if line.strip() and not line.startswith("#")]


def blocks_of(page):
    text = page.read_text()
    for found in _FENCE.finditer(text):
        inside = textwrap.dedent(found[4])
        named = _NAMED.match(inside.partition("\n")[0])
        yield Block(
            page=page,
            line=text.count("\n", 0, found.start()) + 1,
            language=found[2],
            text=inside,
            file=found[3] or (named[1] if named else None),
        )


SETUP = next(block for block in blocks_of(README) if block.language == "console")
"""Makes virtual environments and runs this very suite, so `.ci/run` runs it instead."""
BLOCKS = [block for page in PAGES for block in blocks_of(page) if block != SETUP]


class Workspace:
    """The folder in which a reader follows one page."""

    def __init__(self, page, folder):
        self.folder = folder
        self.port = 8501
        self.left = [block for block in BLOCKS if block.page == page]
        for name in ("graphs", "benchmarks"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        if page in FILLED:
            self._fill()

    def run_up_to(self, block):
        """Run the block, and those before it that did not have their turn."""
        while block in self.left:
            self._run(self.left.pop(0))

    def _fill(self):
        """Provide what these pages take for given: a checkpoint database, its graphs, the settings."""
        shutil.copy(ROOT / "langgraph.json", self.folder)
        (self.folder / "signoff.toml").write_text('db = "checkpoints.sqlite"\ngraphs = "langgraph.json"\n')
        graph = runpy.run_path(str(ROOT / "graphs" / "transaction.py"))["graph"]
        with SqliteSaver.from_conn_string(str(self.folder / "checkpoints.sqlite")) as saver:
            for number in range(3):
                config = {"configurable": {"thread_id": f"payment-{number}"}}
                graph.copy({"checkpointer": saver}).invoke(_PAYMENT | {"reference": f"P-{number}"}, config)

    def _run(self, block):
        if block.file:
            (self.folder / block.file).write_text(block.text)
        match block.language:
            case "python":
                self._python(block)
            case "console" | "bash":
                with contextlib.ExitStack() as servers:
                    for command in block.commands:
                        self._command(command, servers)
            case "json":
                json.loads(block.text)
            case "toml":
                tomllib.loads(block.text)
            case language:
                assert language == "text", f"{block} is of a kind that is not tested; call it text if it is only shown"

    def _python(self, block):
        script = block.file or f"block_at_line_{block.line}.py"
        (self.folder / script).write_text(block.text)
        self._output(f"python {script}")

    def _command(self, command, servers):
        command = self._filled_in(command)
        if command.startswith(("signoff serve", "signoff demo")):
            servers.enter_context(self._serving(command))
        elif command.startswith("signoff work"):
            servers.enter_context(self._working(command))
        else:
            self._output(command)

    def _filled_in(self, command):
        command = command.replace("localhost:8501", f"127.0.0.1:{self.port}")
        if not _STAND_IN.search(command):
            return command
        flags = " ".join(_DESK_FLAGS.findall(command))
        listed = json.loads(self._output(f"signoff list --json --snoozed also --state waiting {flags}"))["reviews"]
        assert listed, f"nothing waits that {command!r} could be about"
        shown = json.loads(self._output(f"signoff show {listed[0]['id']} --json {flags}"))
        known = {"REVIEW": listed[0]["id"], "THREAD": listed[0]["thread_id"], "DIGEST": shown["digest"]}
        known["CHECKPOINT"] = shown["checkpoint_id"]
        return _STAND_IN.sub(lambda word: known[word[0]], command)

    @contextlib.contextmanager
    def _serving(self, command):
        port = self.port = free_port()
        with self._started(f"{command} --port {port} --no-browser") as server:
            until(lambda: healthy(port), server)
            yield

    @contextlib.contextmanager
    def _working(self, command):
        with self._started(command) as worker:
            assert json.loads(worker.stdout.readline())["event"] == "started"
            yield

    @contextlib.contextmanager
    def _started(self, command):
        """Run a command that goes on until it is told to end; then it has to end well."""
        with self._process(command, stderr=subprocess.STDOUT) as process:
            try:
                yield process
                process.terminate()
                said, _ = process.communicate(timeout=60)
                assert process.returncode == 0, said
            finally:
                process.kill()

    def _output(self, command):
        with self._process(command, stderr=subprocess.PIPE) as process:
            try:
                said, told = process.communicate(timeout=180)
            finally:
                process.kill()
        assert process.returncode == 0, f"{command} ended with {process.returncode}\n{said}\n{told}"
        return said

    def _process(self, command, *, stderr):
        """Start what a reader types; Signoff and Python by themselves are forked, since loading them takes seconds."""
        given = {"cwd": self.folder, "env": environment(), "text": True, "stdout": subprocess.PIPE, "stderr": stderr}
        program, *words = shlex.split(command)
        if program in _PYTHON and not _SHELL.search(command):
            return Python([*_PYTHON[program], *words], **given)
        return subprocess.Popen(["bash", "-euo", "pipefail", "-c", command], **given)


def environment():
    """The commands of the environment that runs the tests; nobody else's settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SIGNOFF_")}
    return kept | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def healthy(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def until(met, process, seconds=90):
    deadline = time.monotonic() + seconds
    while not met():
        assert process.poll() is None, process.stdout.read()
        assert time.monotonic() < deadline, f"{process.args} does not answer"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def workspaces(tmp_path_factory):
    return {page: Workspace(page, tmp_path_factory.mktemp(page.stem)) for page in PAGES}


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_what_the_docs_show_runs(workspaces, block):
    workspaces[block.page].run_up_to(block)


def test_the_setup_is_two_commands_and_ci_runs_the_second():
    first, second = SETUP.commands
    ci = (ROOT / ".ci" / "run").read_text().splitlines()

    assert (ROOT / first.split()[0]).is_file()
    assert second in [line.strip().removeprefix("exec ") for line in ci]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_to_one(page):
    assert [link for link in _LINK.findall(page.read_text()) if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_test_that_is_named_exists(page):
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))

    assert [name for name in _TEST_NAME.findall(page.read_text()) if f"def {name}(" not in tests] == []
