"""What the first page of a process would load, loaded before anybody comes."""

from __future__ import annotations

import importlib

_LATER = ("pyarrow.pandas_compat", "streamlit.emojis", "streamlit.material_icon_names")
"""What Streamlit 1.67 loads with the first table and the first icon; its pattern of all emojis takes 0.1 s to make."""
_PAGES = ("bulk", "detail", "emptiness", "filters", "frame", "saved_views", "selection", "work", "workers")


def load() -> None:
    """Import the modules of the queue, and what Streamlit imports while it draws them."""
    for name in (*_LATER, *(f"signoff.ui.{page}" for page in _PAGES)):
        importlib.import_module(name)
