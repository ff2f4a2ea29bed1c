"""What listens in a page goes on when a drawing that is outdated ends behind a newer one, and ends with its page.

Streamlit 1.67 loads a component's script while the next run sends newer data: both drawings come in, in any order, and
the outdated one is ended at once.
"""

from pathlib import Path

import pytest

from signoff.ui import keys, live

pytestmark = pytest.mark.browser
UI = Path(keys.__file__).parent
DRAWN = """async ([script, html, newer, outdated]) => {
  window.heard = []
  window.sockets = []
  window.WebSocket = class { constructor() { sockets.push(this); this.open = true } close() { this.open = false } }
  window.place = document.body.appendChild(document.createElement("div"))
  place.innerHTML = html
  const source = new Blob([script], { type: "text/javascript" })
  const { default: draw } = await import(URL.createObjectURL(source))
  const drawn = data => draw({ data, parentElement: place, setTriggerValue: (...told) => heard.push(told) })
  window.end = drawn(newer)
  drawn(outdated)()
}"""


@pytest.fixture
def page(demo, browser):
    """An empty page of the desk's own address, where nothing of Streamlit is."""
    opened = browser.new_page()
    opened.goto(f"{demo.url}/_stcore/health")
    yield opened
    opened.close()


def test_a_tab_goes_on_listening(page):
    said = {"path": live.ADDRESS, "mine": 0, "tick": 60}
    page.evaluate(DRAWN, [live.SCRIPT, "", said | {"mark": "3"}, said | {"mark": "2"}])
    assert page.evaluate("sockets.map(one => one.open)") == [True]
    page.evaluate('sockets[0].onmessage({ data: JSON.stringify({ mark: "4" }) })')
    page.wait_for_function("heard.length")
    assert page.evaluate("heard[0]") == ["moved", "4"]

    page.evaluate("place.remove(), end()")

    assert page.evaluate("sockets.map(one => one.open)") == [False]


def test_keys_are_heard(page):
    said = {"keys": keys.KEYS}
    page.evaluate(DRAWN, [(UI / "keys.js").read_text(), (UI / "keys.html").read_text(), said, said])
    page.keyboard.press("j")
    assert page.evaluate("heard") == [["step", "on"]]

    page.evaluate("place.remove(), end()")
    page.keyboard.press("j")

    assert page.evaluate("heard") == [["step", "on"]]
