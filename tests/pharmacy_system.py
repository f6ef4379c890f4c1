"""The demonstration pharmacy system in a process of its own: told what to do, and read."""

import json
import subprocess
import sys
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pharmrefer.local import ROOT
from tests.pharmrefer.local.harness import fetch, free_port, wait_until


@dataclass
class PharmacySystem:
    """Every pharmacy's system."""

    folder: Path
    port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [sys.executable, "-m", "pharmrefer.demo.pharmacy", "--port", str(self.port)]
        command += ["--folder", str(self.folder), "--mail", str(self.folder / "mail")]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        ready = f"{self.url}/health"
        wait_until(lambda: fetch(ready) == b"ready", seconds=10, what="the pharmacies' system")

    def stop(self) -> None:
        """Stop it, even if it hangs on purpose."""
        self._process.kill()
        self._process.wait()

    def told(self, mode: str, **more: Any) -> None:
        """Tell it how to behave from now on."""
        tell(self.url, mode, **more)

    def received(self) -> list[dict[str, Any]]:
        """Return what it has received, the oldest first."""
        return received_by(self.url)


def tell(url: str, mode: str, **more: Any) -> None:
    """Tell the system at an address how to behave."""
    order = json.dumps({"mode": mode, **more}).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/control", order, headers)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=5):
        pass


def received_by(url: str) -> list[dict[str, Any]]:
    """Return what the system at an address has received, the oldest first."""
    return list(json.loads(fetch(f"{url}/received.json")))
