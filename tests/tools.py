"""Tools that are not ours, so that they cannot share our mistakes."""

import subprocess
import time
from datetime import datetime, timedelta

from django.utils import timezone


def code_for(secret: str, *, seconds_off: float = 0, at: datetime | None = None) -> str:
    """Return the code that oathtool makes of a base32 secret, now or ``seconds_off`` from now.

    Unless ``at`` is given, the code is not one that changes before it can be used.
    """
    left = 30 - time.time() % 30
    if at is None and left < (2 if seconds_off >= 0 else 6):  # an earlier one ends with this step
        time.sleep(left)
    moment = (at or timezone.now()) + timedelta(seconds=seconds_off)
    command = ["oathtool", "--totp", "--base32", f"--now={moment:%Y-%m-%d %H:%M:%S} UTC", secret]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def read_qr_code(png: bytes) -> str:
    """Return what zbarimg reads in a picture."""
    command = ["zbarimg", "--quiet", "--raw", "-"]
    read = subprocess.run(command, input=png, check=True, capture_output=True)
    return read.stdout.decode().strip()
