"""Files that an operator names on the command line."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from accounts.files.text_files import UnreadableError

MOST_BYTES = 100_000_000  # ODS's largest has 5 million


def read(path: Path) -> bytes:
    """Raise UnreadableError where there is no such file, or it cannot be read."""
    with _readable():
        if path.stat().st_size > MOST_BYTES:
            raise UnreadableError("this is far too large. Check the path")
        return path.read_bytes()


@contextmanager
def lines(path: Path) -> Iterator[TextIO]:
    """Open a file of any size, line by line; raise UnreadableError as ``read`` does."""
    with _readable(), path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        yield file


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise UnreadableError("there is no such file. Check the path") from None
    except IsADirectoryError:
        raise UnreadableError("this is a folder. Give the path of the file in it") from None
    except OSError as error:
        raise UnreadableError(
            f"it cannot be read ({error.strerror}). Let the user who runs this read it"
        ) from None
