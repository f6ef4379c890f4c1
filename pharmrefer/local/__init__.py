"""Everything behind ``make run``: servers and processes on this machine, without containers.

Nothing here is used in production, and nothing here imports Django.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var"
BUILD = ROOT / "build"


class LocalError(Exception):
    """What stops ``make run``: one sentence for the user who typed it, with the remedy."""
