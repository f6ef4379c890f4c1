"""Regional content as a file in TOML, which people write and load: docs/region.md."""

from pathlib import Path
from typing import Any

import msgspec
import tomli_w

from referrals import toml_files
from support.region import checks
from support.region.checks import LONDON, Keys
from support.region.content import Notice, Region


class RegionFileError(Exception):
    """A file cannot be used; each fault is a sentence with file and key."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(faults))


def read(path: Path) -> Region:
    """Raises RegionFileError."""
    written = toml_files.read(path, Region)
    if isinstance(written, str):
        raise RegionFileError([written])
    region, faults = checks.checked(written)
    if faults:
        names = msgspec.to_builtins(written)
        raise RegionFileError(
            [f"{path.name}, {_said(fault.keys, names)}: {fault.message}" for fault in faults]
        )
    return region


def _said(keys: Keys, names: Any) -> str:
    said = []
    for key in keys:
        names = names[key]
        is_number = isinstance(key, int)
        said.append(toml_files.name_of(names, int(key) + 1) if is_number else str(key))
    return " ".join(said)


def write(region: Region) -> str:
    """Return it in TOML with the empty texts too, so that they can be filled in."""
    written = msgspec.to_builtins(region)
    for notice, table in zip(region.notices, written["notices"], strict=True):
        table.update(_moments(notice))
    return tomli_w.dumps(_without_nothing(written), multiline_strings=True)


def _moments(notice: Notice) -> dict[str, Any]:
    """Return them as a clock here shows them, with how far that is from UTC."""
    ends_at = notice.ends_at and notice.ends_at.astimezone(LONDON)
    return {"starts_at": notice.starts_at.astimezone(LONDON), "ends_at": ends_at}


def _without_nothing(value: Any) -> Any:
    # TOML has no null; and to a list that is written as empty no [[table]] can be added below.
    if isinstance(value, dict):
        there = {name: each for name, each in value.items() if each is not None and each != ()}
        return {name: _without_nothing(each) for name, each in there.items()}
    return [_without_nothing(each) for each in value] if isinstance(value, tuple) else value
