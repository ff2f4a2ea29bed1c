"""What waits for the reviewer, as the number in the browser tab."""

from __future__ import annotations

from signoff.errors import SignoffError
from signoff.ui import shared


def title() -> str:
    """Return the title of the browser tab: ``(3) Signoff``."""
    try:
        waiting = shared.mine()
    except SignoffError:  # the page says so
        waiting = 0
    return f"({waiting:,}) Signoff" if waiting else "Signoff"
