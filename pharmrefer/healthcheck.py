"""``python -m pharmrefer.healthcheck``: what a container's health check runs, every few seconds.

Standard library only and nothing of ours: starting Django to ask would cost more than the work.
"""

import http.client
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

OLDEST = 60.0  # seconds; workers touch their file every 5, the rescuer every 10


def why_not(target: str) -> str | None:
    """Return what is wrong, or None.

    ``target`` is a file that must be fresh, or an http address that must answer 200.
    """
    return _address(target) if target.startswith("http://") else _file(Path(target))


def _file(path: Path) -> str | None:
    try:
        age = time.time() - path.stat().st_mtime
    except OSError as error:
        return f"{path}: {error.strerror}"
    return None if age < OLDEST else f"{path} was touched {age:.0f} seconds ago"


def _address(url: str) -> str | None:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=4)
    try:
        connection.request("GET", parts.path)
        response = connection.getresponse()
        said = response.read(200).decode(errors="replace").strip()
    except (OSError, http.client.HTTPException) as error:
        return f"{url}: {error}"
    finally:
        connection.close()
    return None if response.status == 200 else f"{response.status}: {said}"


if __name__ == "__main__":
    sys.exit(why_not(sys.argv[1]))
