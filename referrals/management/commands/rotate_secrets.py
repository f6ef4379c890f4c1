"""``manage.py rotate_secrets``: what older keys have sealed is sealed with the first one."""

import time
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import encryption
from referrals import rotation
from referrals.rotation import COLUMNS, Column, ColumnCheck

TOLD_EVERY = 1.0  # seconds
NAMED = 5  # rows of each column and key that do not open


class Command(BaseCommand):
    """Seals every encrypted column anew, so that older keys can be taken out of FIELD_KEYS.

    It may be killed and run again: what is done stays done. Nothing that is sealed is ever shown.
    """

    requires_system_checks = ()  # they load every page: half of its start
    help = "Encrypt with the first key of FIELD_KEYS whatever older ones have encrypted."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="change nothing: count rows by their key's number"
        )

    def handle(self, *, check: bool, **_options: Any) -> None:
        self._told_at = time.monotonic()
        checks: dict[Column, ColumnCheck] = {}
        for column in COLUMNS:
            changed, checks[column] = self._go_through(column, check=check)
            counts = [f"{n:,} with key {key}" for key, n in sorted(checks[column].in_use.items())]
            done = [] if check else [f"{changed:,} changed"]
            self.stdout.write(f"{column}: {'; '.join([*done, ', '.join(counts) or 'no rows'])}")
        wrong = [words for column, found in checks.items() for words in _wrong(column, found)]
        for words in wrong:
            self.stderr.write(words)
        self.stdout.write(_keys(checks.values()))
        if wrong:
            raise CommandError("Not everything was done: see above.")

    def _go_through(self, column: Column, *, check: bool) -> tuple[int, ColumnCheck]:
        def tell(made: ColumnCheck) -> None:
            if time.monotonic() - self._told_at >= TOLD_EVERY:
                self._told_at = time.monotonic()
                self.stderr.write(
                    f"{column}: {made.seen:,} rows looked at, {made.changed:,} changed, "
                    f"{made.held:,} held by others"
                )

        if check:
            return 0, rotation.pass_over(column, tell=tell, change=False)
        return rotation.rotate(column, tell=tell)


def _wrong(column: Column, found: ColumnCheck) -> Iterator[str]:
    """Yield what is wrong with a column: names, keys' numbers and ids, never what is in it."""
    for key in sorted(found.in_use.keys() - settings.FIELD_KEYS.keys()):
        yield (
            f"{column}: {found.in_use[key]:,} with key {key}, which FIELD_KEYS has not. Put it "
            "back behind the first one, then run this again."
        )
    for key, rows in sorted(found.failed.items()):
        named = ", ".join(map(str, rows[:NAMED])) + (" …" if len(rows) > NAMED else "")
        yield (
            f"{column}: {len(rows):,} do not open with key {key} and were left alone: {named}. "
            f"They are damaged, or FIELD_KEYS has another key under the number {key}."
        )
    if not found.is_settled:
        yield (
            f"{column}: {found.changed + found.held:,} were being changed by others to the last. "
            "Restart every program with the FIELD_KEYS of now, then run this again."
        )


def _keys(checks: Iterable[ColumnCheck]) -> str:
    in_use = {key for found in checks for key in found.in_use} - {encryption.sealing_key()}
    free = encryption.older_keys() - in_use
    return (
        f"Older keys that are in use: {_list(in_use)}. "
        f"Keys that may be taken out of FIELD_KEYS: {_list(free)}."
    )


def _list(keys: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(keys))) or "none"
