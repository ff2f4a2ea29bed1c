"""A real LangGraph Agent Server for tests: `langgraph dev` in an environment of its own, on loopback.

It is Elastic-licensed and never a dependency: its packages are installed into a virtual environment in the user's cache
folder, once per machine and version (35 to 60 s), and only tests of servers ask for it.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from filelock import FileLock

VERSIONS = (
    "langgraph-cli[inmem]==0.4.40",
    "langgraph-api==0.16.7",
    "langgraph-runtime-inmem==0.36.7",
    "langgraph==1.2.22",
)
_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "signoff-tests"
_START_SECONDS = 90


def environment() -> Path:
    """Return the folder of a virtual environment that has the server, built when there is none yet."""
    python = f"py{sys.version_info.major}{sys.version_info.minor}"
    folder = _CACHE / "-".join(["agent-server", python, *(version.rpartition("=")[2] for version in VERSIONS)])
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not (folder / "complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
            for wanted in (["--upgrade", "pip"], VERSIONS):
                subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "-q", *wanted], check=True)
            (folder / "complete").touch()
    return folder


class DevServer:
    """`langgraph dev` over one folder, which holds ``langgraph.json`` and what the server remembers."""

    def __init__(self, folder: Path, graphs: dict[str, str], *, env: dict[str, str] | None = None, **more) -> None:
        self.folder, self._environment, self._more = folder, environment(), env or {}
        self._process: subprocess.Popen[bytes] | None = None
        self.port = _free_port()
        (folder / "langgraph.json").write_text(json.dumps({"dependencies": ["."], "graphs": graphs, **more}))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> "DevServer":
        command = [self._environment / "bin" / "langgraph", "dev", "--no-browser", "--no-reload", "--host", "127.0.0.1"]
        command += ["--port", str(self.port), "--n-jobs-per-worker", "4"]
        known = {"PATH", "HOME", "LANG", "TMPDIR"}
        env = {name: value for name, value in os.environ.items() if name in known}
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=self.folder,
                env={**env, "LANGGRAPH_CLI_NO_ANALYTICS": "1", "LANGSMITH_TRACING": "false", **self._more},
                stdout=log,
                stderr=log,
            )
        self._wait()
        return self

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.url}/ok", timeout=2):
                    return
            except OSError:
                time.sleep(0.1)
        self.kill()
        raise RuntimeError(f"langgraph dev does not start:\n{(self.folder / 'server.log').read_text()[-4000:]}")

    def stop(self) -> None:
        """Let it end in peace: it writes down what it knows."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End it as a power cut does: what happened since it last wrote, up to ten seconds ago, is forgotten."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
