"""Seals anew, with the first of FIELD_KEYS, what older keys have sealed. Never shows what.

Whatever is sealed in either app is listed here: a test fails where a column is not.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models, transaction

from accounts import encryption
from accounts.models.credentials import Authenticator
from accounts.models.mail import Mail
from accounts.prepared import key_of
from referrals.models.messages import Message
from referrals.models.referrals import Referral

AT_ONCE = 500  # rows in one transaction, which are locked for some milliseconds
MOST_ROUNDS = 20  # at all rows of a column
PAUSE = 1.0  # seconds between two passes, where others hold what is left


@dataclass(frozen=True)
class Column:
    """A sealed column, and what each of its values is bound to."""

    model: type[models.Model]
    name: str
    bound_by: tuple[str, ...]  # the fields that ``owner`` reads, beside the primary key
    owner: Callable[[Any], str]

    def __str__(self) -> str:
        return f"{self.model._meta.db_table}.{self.name}"


COLUMNS = (
    Column(Authenticator, "sealed_secret", ("user",), lambda row: row.owner),
    Column(Mail, "sealed_words", ("to",), lambda row: row.owner),
    Column(Referral, "sealed_details", ("practice",), lambda row: row.owner),
    Column(Message, "sealed_headers", ("practice",), lambda row: row.owner("headers")),
    Column(Message, "sealed_body", ("practice",), lambda row: row.owner("body")),
    Column(Message, "sealed_receipt", ("practice",), lambda row: row.owner("receipt")),
)


@dataclass
class ColumnCheck:
    """What one pass over the rows of a column has found and done."""

    seen: int = 0
    changed: int = 0
    held: int = 0  # by others, who may have changed or deleted them meanwhile
    in_use: Counter[int] = field(default_factory=Counter)  # rows by the key that they bore
    failed: dict[int, list[Any]] = field(default_factory=dict)  # rows, by the key that they name

    @property
    def is_settled(self) -> bool:
        """Whether there was nothing left to do, so that ``in_use`` says how things are."""
        return not self.changed and not self.held


Tell = Callable[[ColumnCheck], None]
SAMPLED = [column for column in COLUMNS if column.name in {"sealed_secret", "sealed_details"}]


def open_samples() -> None:
    """Open the first and the last value of the columns that always hold one.

    Raises:
        encryption.CannotOpenError: one does not open; its message says which key it names.
    """
    for column in SAMPLED:
        rows = column.model._base_manager.only("pk", column.name, *column.bound_by)
        for row in (rows.order_by("pk").first(), rows.order_by("pk").last()):
            if row:
                encryption.unseal(bytes(getattr(row, column.name)), belongs_to=column.owner(row))


def rotate(column: Column, *, tell: Tell) -> tuple[int, ColumnCheck]:
    """Go on until nothing is left to do; return how many rows were changed, and the last pass.

    It can be killed at any moment and run again, by several at once: the rows say what is done.
    Others may change rows meanwhile: what they write stays, and is read once more. The last
    pass is not settled if they never stopped, such as a process that still seals with an old key.
    """
    changed = 0
    for _ in range(MOST_ROUNDS):
        last = pass_over(column, tell=tell, change=True)
        changed += last.changed
        if last.is_settled:
            break
        if not last.changed:
            time.sleep(PAUSE)
    return changed, last


def pass_over(column: Column, *, tell: Tell, change: bool) -> ColumnCheck:
    """Walk through a column once; with ``change``, seal anew what an older key has sealed."""
    made = ColumnCheck()
    older = encryption.older_keys() if change else set()
    for page in _pages(column):
        made.seen += len(page)
        made.in_use.update(page.values())
        if old := [row for row, number in page.items() if number in older]:
            _change(column, old, made)
        tell(made)
    return made


def _pages(column: Column) -> Iterator[dict[Any, int]]:
    """Yield key numbers by primary key, in pages, so that no statement takes long."""
    manager = column.model._base_manager
    first_byte = models.Func(
        column.name,
        template="substring(%(expressions)s from 1 for 1)",
        output_field=models.BinaryField(),
    )
    rows = manager.exclude(**{column.name: b""}).exclude(**{column.name: None}).order_by("pk")
    rest = rows
    while page := list(rest.values_list("pk", first_byte)[:AT_ONCE]):
        yield {row: encryption.key_number(bytes(byte)) for row, byte in page}
        rest = rows.filter(pk__gt=page[-1][0])


def _change(column: Column, old: list[Any], made: ColumnCheck) -> None:
    """Seal rows anew in one transaction; leave alone what others hold and what does not open."""
    new: dict[Any, bytes] = {}
    with transaction.atomic():
        locked = _locked(column, old)
        made.held += len(old) - len(locked)
        for row in locked:
            sealed = bytes(getattr(row, column.name))
            try:
                new[row.pk] = encryption.reseal(sealed, belongs_to=column.owner(row))
            except encryption.CannotOpenError:
                made.failed.setdefault(encryption.key_number(sealed), []).append(row.pk)
        if new:
            _write(column, new)
    made.changed += len(new)


def _locked(column: Column, rows: list[Any]) -> list[Any]:
    # Rows that others hold are left out: nobody is waited for.
    manager = column.model._base_manager
    locked = (
        manager.only("pk", column.name, *column.bound_by)
        .filter(pk__in=rows, **{f"{column.name}__isnull": False})
        .order_by("pk")
        .select_for_update(skip_locked=True, no_key=True)
    )
    older = encryption.older_keys()  # by now another run may have been here
    return [row for row in locked if encryption.key_number(getattr(row, column.name)) in older]


def _write(column: Column, new: dict[Any, bytes]) -> None:
    # One statement, which saving each, or Django's bulk update, would not be.
    table, key = column.model._meta.db_table, key_of(column.model)
    kind = key.rel_db_type(connection)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE "{table}" SET "{column.name}" = new.sealed
            FROM unnest(%s::{kind}[], %s::bytea[]) AS new (key, sealed)
            WHERE "{table}"."{key.column}" = new.key
            """,  # noqa: S608  names of columns, from the model
            [list(new), list(new.values())],
        )
