"""What has been received, in a file that is only ever appended to; the one memory there is.

A line is written before its answer goes out, so that what was processed is known after a restart,
however abrupt. A last line that was torn by one is ended, and left out when the file is read.
"""

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

Line = dict[str, object]
Pair = tuple[str, str]  # X-Request-Id and X-Correlation-Id


class Journal:
    """The file ``received.jsonl`` in ``folder``, and what has to be known of it at once."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        self._file = os.open(folder / "received.jsonl", flags, 0o600)
        self.lock = threading.RLock()  # held from the look into the memory to the line
        self.processed: set[Pair] = set()
        self.bundles: dict[str, Pair] = {}  # under which ids a processed Bundle.id came
        self.references: set[str] = set()
        self._spans: list[tuple[int, int]] = []  # offset and length of each line
        self._size = 0
        self._read()

    def _read(self) -> None:
        with os.fdopen(os.dup(self._file), "rb") as file:
            for text in file:
                if (line := _parsed(text)) is not None:
                    self._remember(line, len(text))
                self._size += len(text)
        if self._size and os.pread(self._file, 1, self._size - 1) != b"\n":
            self._size += os.write(self._file, b"\n")

    def _remember(self, line: Line, length: int) -> None:
        self._spans.append((self._size, length))
        if line.get("outcome") == "processed":
            pair = str(line.get("request_id")), str(line.get("correlation_id"))
            self.processed.add(pair)
            self.bundles[str(line.get("bundle_id"))] = pair
            self.references.add(str(line.get("reference")))

    def append(self, line: Line) -> None:
        # The line is in the file before this returns.
        text = json.dumps(line).encode() + b"\n"
        with self.lock:
            if os.write(self._file, text) != len(text):
                raise OSError("The disk is full.")
            self._remember(line, len(text))
            self._size += len(text)

    def __len__(self) -> int:
        return len(self._spans)

    def line(self, number: int) -> Line:
        """Return line ``number``, counted from 1."""
        offset, length = self._spans[number - 1]
        return _parsed(os.pread(self._file, length, offset)) or {}

    def lines(self) -> Iterator[Line]:
        return (self.line(number) for number in range(1, len(self) + 1))


def _parsed(text: bytes) -> Line | None:
    try:
        line = json.loads(text)
    except ValueError:
        return None
    return line if isinstance(line, dict) else None
