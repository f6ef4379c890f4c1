"""Files that an operator names on the command line."""

from pathlib import Path

from accounts.files.text_files import UnreadableError

MOST_BYTES = 100_000_000  # ODS's largest has 5 million


def read(path: Path) -> bytes:
    """Raise UnreadableError where there is no such file, or it cannot be read."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UnreadableError("this is far too large. Check the path")
        return path.read_bytes()
    except FileNotFoundError:
        raise UnreadableError("there is no such file. Check the path") from None
    except IsADirectoryError:
        raise UnreadableError("this is a folder. Give the path of the file in it") from None
    except OSError as error:
        raise UnreadableError(
            f"it cannot be read ({error.strerror}). Let the user who runs this read it"
        ) from None
