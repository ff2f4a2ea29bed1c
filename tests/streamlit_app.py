"""A page of a few lines, served by plain Streamlit."""

from contextlib import contextmanager

from forked import Python
from healthy import until_healthy

from signoff.cli.serving import free_port


@contextmanager
def served(folder, page):
    """Serve the text of a page from ``folder``; yields its address."""
    (folder / "app.py").write_text(page)
    port = free_port("127.0.0.1", 0)
    options = ["--server.port", str(port), "--server.headless", "true", "--browser.gatherUsageStats", "false"]
    address = ["--server.address", "127.0.0.1", "--server.fileWatcherType", "none"]
    command = ["-m", "streamlit", "run", folder / "app.py", *options, *address]
    with (folder / "log").open("w") as log:
        running = Python(command, cwd=folder, stdout=log, stderr=log)
    try:
        until_healthy(f"http://127.0.0.1:{port}", running, folder / "log", seconds=60)
        yield f"http://127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait(timeout=20)
