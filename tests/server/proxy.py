"""A server that stands before the real one: it asks for a key, or answers as older servers do."""

import http.client
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Proxy:
    """Passes every request on. ``change(path, asked, status, answered)`` may return another (status, answer).

    ``key``: requests without it in ``x-api-key`` are refused with 401.
    """

    def __init__(self, port, *, change=None, key=None):
        proxy, self.change, self.key, self.asked = self, change, key, []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_): ...

            def _pass(self):
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                proxy.asked.append((self.command, self.path, dict(self.headers)))
                if proxy.key and self.headers.get("x-api-key") != proxy.key:
                    return self._answer(401, b'{"detail":"who are you?"}')
                there = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                headers = {n: v for n, v in self.headers.items() if n.lower() not in ("host", "accept-encoding")}
                there.request(self.command, self.path, body, headers)
                given = there.getresponse()
                status, answered = given.status, given.read()
                there.close()
                if proxy.change and (other := proxy.change(self.path, _json(body), status, _json(answered))):
                    status, answered = other[0], json.dumps(other[1]).encode()
                self._answer(status, answered, given.getheader("content-type"))

            def _answer(self, status, body, kind="application/json"):
                self.send_response(status)
                self.send_header("content-type", kind or "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = _pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _json(text):
    try:
        return json.loads(text)
    except ValueError:
        return None
