"""The headless Chromium that tests drive. Debian's shell of it, which has no windows to draw, takes a third less."""

import shutil

_PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")


def launch(playwright):
    """Start the first that is installed; without any, Playwright's own download."""
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    return playwright.chromium.launch(executable_path=program, args=_FLAGS)
