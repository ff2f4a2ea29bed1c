"""`serve`, `work` and `demo` as processes: they start, say where they are, and end when told to."""

import json
import re
import signal
import socket
import subprocess
import time
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from signoff.cli.serving import free_port
from signoff.errors import SettingsInvalid


def test_a_port_that_is_taken_is_refused_when_asked_for_and_passed_over_when_not():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(SettingsInvalid, match=f"Port {port} on 127.0.0.1 cannot be used"):
            free_port("127.0.0.1", port)
        assert free_port("127.0.0.1", None, first=port) > port
        assert free_port("127.0.0.1", 0) not in (0, port)


def test_serve_fails_at_once_when_its_database_is_missing(shop):
    result = shop.run("serve", "--port", "0")

    assert result.exit_code == 8
    assert "There is no file" in result.stderr


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_work_tells_its_start_and_its_end_in_lines_of_json(shop, end):
    shop.pause("orders", "t1")
    process = shop.start("work")
    first = [json.loads(process.stdout.readline()) for _ in range(2)]

    process.send_signal(end)
    out, told = process.communicate(timeout=60)

    assert [line["event"] for line in first] == ["started", "engine"]
    assert first[0]["graphs"] == ["orders", "bookings", "errands", "quotes"]
    assert [json.loads(line)["event"] for line in out.splitlines()] == ["draining", "stopped"]
    assert process.returncode == 0
    assert "Traceback" not in told


def test_work_says_once_which_rules_are_about_no_graph(shop):
    shop.pause("orders", "t1")
    Path("signoff.toml").write_text('[[metadata]]\ngraph = "ordres"\ntags = ["a"]\n[[metadata]]\ngraph = "orders"\n')
    process = shop.start("work")
    for _ in range(2):
        process.stdout.readline()

    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=60)

    assert process.returncode == 0
    assert told.count("[[metadata]] 1 does nothing: there is no graph 'ordres' on this desk.") == 1
    assert "[[metadata]] 2" not in told


@pytest.mark.browser
def test_serve_answers_at_the_address_it_prints(shop):
    shop.pause("orders", "t1")
    process = shop.start("serve", "--port", "0")

    with urlopen(_address(process), timeout=60) as page:
        assert page.status == 200
        assert page.headers["X-Frame-Options"] == "SAMEORIGIN"

    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 0


@pytest.mark.browser
def test_a_dashboard_speaks_only_to_browsers_that_name_it_as_they_should(shop):
    shop.pause("orders", "t1")
    process = shop.start("serve", "--port", "0", "--host", "desk.example.com")
    port = urlsplit(_address(process)).port

    def status(host):
        upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
        told = {"Host": host, "Origin": f"https://{host}", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", "/_stcore/stream", headers={**upgrade, **told})
        with closing(connection):
            return connection.getresponse().status

    assert [status(host) for host in ("desk.example.com", "localhost", "evil.example")] == [101, 101, 403]

    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)


@pytest.mark.browser
@pytest.mark.parametrize("kept", [True, False])
def test_demo_leaves_nothing_behind_unless_told_to_keep_its_workspace(shop, tmp_path, monkeypatch, kept):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("SIGNOFF_DB", "somebody-elses.sqlite")
    process = shop.spawn("demo", "--port", "0", *(["--dir", "kept"] if kept else []))
    urlopen(_address(process), timeout=60).close()
    [workspace] = [path.parent for path in tmp_path.rglob("demo.sqlite")]

    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)

    assert process.returncode == 0
    assert workspace.exists() == kept
    assert not Path("somebody-elses.sqlite").exists()


def _address(process: subprocess.Popen) -> str:
    """Return the URL that a server prints, once it answers."""
    for line in process.stdout:
        if found := re.search(r"http://\S+", line):
            break
    else:
        raise AssertionError("the server ended before it said where it is")
    port = int(found[0].rsplit(":", 1)[1])
    for _ in range(600):
        with socket.socket() as probe:
            probe.settimeout(0.1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return found[0]
        time.sleep(0.1)
    raise AssertionError(f"nothing answers at {found[0]}")
