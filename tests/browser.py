"""Debian's Chromium, in a container, as root, asking nobody anything."""

import shutil
from typing import Any


def launch_options() -> dict[str, Any]:
    """Return what Playwright starts it with."""
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    quiet += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    browser = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    return {"executable_path": browser, "args": quiet}
