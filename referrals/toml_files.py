"""Files in TOML that people write: read into their types, or a sentence with file and key. Pure."""

import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar

import msgspec

LONGEST_FILE = 1_000_000  # bytes
_Kind = TypeVar("_Kind", bound=msgspec.Struct)
_WORDS = (
    (r"Object missing required field `(\w+)`", r"the key “\1” is missing"),
    (r"Object contains unknown field `(.+)`", r"there is no key “\1” here"),
    (r"Invalid enum value '(.*)'", r"“\1” is none of the values that this key may have"),
    (r"Expected `str` matching regex '.*'", "has a character that is not allowed, or too many"),
    (r"Invalid RFC3339 encoded datetime", "must be a day and a time, as in 2026-10-01T18:30:00"),
    (r"Invalid RFC3339 encoded date", "must be a day, as in 2026-10-01"),
    (r"Expected `(\w+)(?: \| null)?`, got `(\w+)`", r"must be \1, not \2"),
    (r"Expected `\w+` of length >= 1", "must not be empty"),
    (r"Expected `str` of length <= (\d+)", r"must have at most \1 characters"),
    (r"Expected `array` of length <= (\d+)", r"must have at most \1 entries"),
    (r"Expected `int` >= (\d+)", r"must be at least \1"),
    (r"Expected `int` <= (\d+)", r"must be at most \1"),
)
_TYPES = {
    "str": "a text in quotes",
    "int": "a whole number",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
    "date": "a day, as in 2026-10-01",
    "datetime": "a day and a time, as in 2026-10-01T18:30:00",
}


def read(path: Path, kind: type[_Kind]) -> _Kind | str:
    """Return what the file holds, or a sentence that says what is wrong with it."""
    try:
        with path.open("rb") as file:
            text = file.read(LONGEST_FILE + 1)
        if len(text) > LONGEST_FILE:
            return f"{path.name}: is larger than a megabyte"
        written = tomllib.loads(text.decode())
    except OSError as error:
        return f"{path.name}: cannot be read in {path.parent} ({error.strerror})"
    except UnicodeDecodeError:
        return f"{path.name}: is not in UTF-8; save it as UTF-8"
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return f"{path.name}: is not TOML: {error}"
    try:
        return msgspec.convert(written, kind)
    except msgspec.ValidationError as error:
        return f"{path.name}, {_in_plain_words(str(error), written)}"


def name_of(written: Any, number: int) -> str:
    """Return what an entry of a list is called: by its number where it has no name."""
    keys = ("code", "name", "title") if isinstance(written, dict) else ()
    name = next(filter(None, map(written.get, keys)), None) if keys else None
    return f"“{name}”" if name else f"number {number}"


def _in_plain_words(message: str, written: dict[str, Any]) -> str:
    found = re.fullmatch(r"(.*?)(?: - at (?:`key` in )?`\$(.*)`)?", message, re.DOTALL)
    what, where = (found[1], found[2] or "") if found else (message, "")
    for pattern, words in _WORDS:
        what = re.sub(f"^{pattern}$", words, what)
    for name, words in _TYPES.items():
        what = re.sub(rf"(must be|not) {name}\b", rf"\1 {words}", what)
    keys = _named(where, written)
    return f"{keys}: {what}" if keys else what


def _named(path: str, written: Any) -> str:
    """Write ``.groups[0].items[2]`` with the codes or names of what is listed there."""
    said: list[str] = []
    for key, index in re.findall(r"\.(\w+)|\[(\d+)\]", path):
        written = written[key] if key else written[int(index)]
        said.append(key or name_of(written, int(index) + 1))
    return " ".join(said)
