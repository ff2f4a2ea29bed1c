"""Where the parts that are no Python package live: dashboard, pages, example graphs."""

from __future__ import annotations

from pathlib import Path


def app_dir() -> Path:
    """Return the folder with ``dashboard.py``: ``_app`` inside an installed wheel, the repository in a checkout."""
    package = Path(__file__).parent
    inside = package / "_app"
    return inside if inside.is_dir() else package.parent
