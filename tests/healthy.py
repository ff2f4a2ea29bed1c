"""Waiting for a server that a test has started."""

import time
from urllib.error import URLError
from urllib.request import urlopen


def until_healthy(url, server, log=None, *, seconds):
    """Wait until the server process answers; fail, with what it wrote into ``log``, when it ends or takes too long."""
    for _ in range(10 * seconds):
        assert server.poll() is None, log.read_text() if log else "the server ended before it answered"
        try:
            urlopen(f"{url}/_stcore/health", timeout=1).close()
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text() if log else f"{url} did not answer")
