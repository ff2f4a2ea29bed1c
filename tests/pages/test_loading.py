"""The first page of a process loads nothing that could have been loaded before."""

import subprocess
import sys

from pages.conftest import ROOT

VISIT = """
import sys
from streamlit.testing.v1 import AppTest
import signoff.asgi
from signoff.service import service, stop_service
from signoff.ui import loading

service().desk.scan()
loading.load()
app = AppTest.from_file(sys.argv[1], default_timeout=60)
loaded = set(sys.modules)
app.run()
stop_service()
assert app.title and not app.exception, app.exception
ours = ("signoff.", "pyarrow.pandas", "streamlit.elements.", "streamlit.emojis", "streamlit.material")
print(sorted(name for name in set(sys.modules) - loaded if name.startswith(ours)))
"""


def test_all_that_the_queue_and_its_open_review_need_is_loaded_by_then(office):
    command = [sys.executable, "-c", VISIT, str(ROOT / "dashboard.py")]

    visit = subprocess.run(command, check=False, cwd=office.folder, capture_output=True, text=True)

    assert (visit.returncode, visit.stdout.strip()) == (0, "[]"), visit.stderr
