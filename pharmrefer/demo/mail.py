"""Reads the e-mails that were written to a folder instead of being sent."""

import email
import email.message
import email.policy
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_LARGEST = 2_000_000  # bytes of a file that are read
_BETWEEN = re.compile(rb"^-{79}\r?\n?", re.MULTILINE)  # how Django parts messages in one file


@dataclass(frozen=True)
class CaughtMail:
    sent_at: datetime
    to: str
    subject: str
    text: str


def mails_in(folder: Path | None) -> list[CaughtMail]:
    if folder is None or not folder.is_dir():
        return []
    found = []
    for path in sorted([*folder.glob("*.eml"), *folder.glob("*.log")]):
        try:
            written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            with path.open("rb") as file:
                parts = _BETWEEN.split(file.read(_LARGEST))
        except OSError:  # it has been removed meanwhile
            continue
        found += [_read(part, written_at) for part in parts if part.strip()]
    return sorted(found, key=lambda mail: mail.sent_at, reverse=True)


def _read(source: bytes, written_at: datetime) -> CaughtMail:
    # Leniently: what cannot be understood is shown as it stands.
    try:
        message = email.message_from_bytes(source, policy=email.policy.default)
        return CaughtMail(
            _sent_at(message) or written_at,
            str(message.get("To", "")),
            str(message.get("Subject", "")),
            _text(message),
        )
    except (LookupError, ValueError, TypeError, AttributeError):
        return CaughtMail(written_at, "", "", source.decode(errors="replace"))


def _sent_at(message: email.message.EmailMessage) -> datetime | None:
    moment = getattr(message.get("Date"), "datetime", None)
    if not isinstance(moment, datetime):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _text(message: email.message.EmailMessage) -> str:
    body = message.get_body(("plain", "html"))
    return "" if body is None else str(body.get_content())
