"""Processes of Python that start at once: forks of one that has loaded Signoff, LangGraph and Streamlit already.

Loading them takes a process 2 to 4 seconds of a core, and tests start processes by the hundred. A fork is as real as
any other: it has memory, files, signals and an exit code of its own, and dies of SIGKILL. `test_wheel.py` and the
README's second command start Signoff as its users do.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import importlib
import inspect
import json
import os
import pkgutil
import runpy
import socket
import subprocess
import sys
import threading
import time
import types
from functools import cache
from pathlib import Path

import signoff

_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
_LONGEST = 1 << 20  # bytes of a request: arguments and environment
_LATER = (  # loaded by a server when it starts, and by its first page
    "anyio._backends._asyncio",
    "dbos._sys_db_postgres",
    "dbos._sys_db_sqlite",
    "pyarrow.pandas_compat",
    "starlette.middleware.sessions",
    "streamlit.material_icon_names",
    "streamlit.web.bootstrap",
    "streamlit.web.server.starlette.starlette_agent_routes",
    "uvicorn.loops.uvloop",
    "uvicorn.protocols.http.h11_impl",
    "uvicorn.protocols.websockets.websockets_sansio_impl",
)


class Python(subprocess.Popen):
    """A `subprocess.Popen` of this Python, given what follows ``python``: ``-m`` MODULE, ``-c`` CODE or a script."""

    _parameters = inspect.signature(subprocess.Popen._execute_child)

    def __init__(self, words, **given):
        super().__init__([sys.executable, *map(str, words)], **given)

    def _execute_child(self, *given):
        """Have the forge fork in place of starting a program."""
        asked = self._parameters.bind(self, *given).arguments
        files = [
            asked[name] if asked[name] >= 0 else mine for mine, name in enumerate(("p2cread", "c2pwrite", "errwrite"))
        ]
        environment = dict(os.environ if asked["env"] is None else asked["env"])
        wanted = {"words": asked["args"][1:], "folder": str(asked["cwd"] or Path.cwd()), "environment": environment}
        self.pid = _forge().fork(wanted, files)
        self._child_created = True
        self._close_pipe_fds(
            *(asked[name] for name in ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite"))
        )


class _Forge:
    """The process that has loaded everything; its forks become children of this one."""

    def __init__(self):
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, __file__, str(theirs.fileno())]
            self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()])
        self._one_at_a_time = threading.Lock()
        atexit.register(self._end)

    def fork(self, wanted, files):
        """Return the id of a new process with these standard files."""
        with self._one_at_a_time:
            socket.send_fds(self._socket, [json.dumps(wanted).encode()], files)
            return int(self._socket.recv(_LONGEST) or -1)

    def _end(self):
        self._socket.close()
        self._process.wait()


@cache
def _forge():
    return _Forge()


def _load():
    """Load what any of Signoff's commands loads, and what its servers load when they start."""
    named = (module.name for module in pkgutil.walk_packages(signoff.__path__, "signoff."))
    for name in (*named, *_LATER):
        if not name.endswith(("__main__", ".env")):
            importlib.import_module(name)
    importlib.invalidate_caches()
    gc.collect()
    gc.freeze()


def _serve(asking):
    """Fork for each request until nobody asks any more; in the fork, return what was asked for."""
    while True:
        request, files, _, _ = socket.recv_fds(asking, _LONGEST, 3)
        if not request:
            os._exit(0)
        reading, writing = os.pipe()
        if (between := os.fork()) == 0:
            os.close(reading)
            if child := os.fork():
                os.write(writing, str(child).encode())
                os._exit(0)  # so that the child's parent is who asked
            os.close(writing)
            asking.close()
            _take(files)
            return json.loads(request)
        for file in (writing, *files):
            os.close(file)
        os.waitpid(between, 0)
        asking.send(os.read(reading, 32))
        os.close(reading)


def _take(files):
    """Make these the standard files."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)


def _become(wanted):
    """Run what was asked for, as the interpreter would."""
    os.chdir(wanted["folder"])
    os.environ.clear()
    os.environ.update(wanted["environment"])
    time.tzset()
    own = [folder for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep) if folder]
    match wanted["words"]:
        case ["-m", name, *more]:
            sys.path[0:1], sys.argv = [str(Path.cwd()), *own], [name, *more]
            runpy.run_module(name, run_name="__main__", alter_sys=True)
        case ["-c", code, *more]:
            sys.path[0:1], sys.argv = ["", *own], ["-c", *more]
            main = sys.modules["__main__"] = types.ModuleType("__main__")
            exec(compile(code, "<string>", "exec"), main.__dict__)
        case [script, *more]:
            sys.path[0:1], sys.argv = [str(Path(script).absolute().parent), *own], [script, *more]
            runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    _load()
    _become(_serve(socket.socket(fileno=int(sys.argv[1]))))
