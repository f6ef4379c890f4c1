"""E-mail: put into the outbox with what it tells of, and sent from there until it has gone out.

The templates hold no patient data: nothing of a referral is ever told by e-mail.
"""

import logging
import re
import smtplib
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import connection, models, transaction

from accounts.models.mail import Mail, Trouble
from accounts.smtp import Deadline, UnansweredError

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=3)  # longer than smtp.WITHIN: nobody else tries meanwhile
TRIED_FOR = timedelta(hours=72)  # unless a link in it works for less
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=10)
# Where the server may have taken it: each try may be one more in somebody's mailbox.
FIRST_WAIT_UNSURE = timedelta(minutes=10)
LONGEST_WAIT_UNSURE = timedelta(hours=6)
OVERDUE_AFTER = timedelta(minutes=1)
# What says that there is no such mailbox, or that it has moved or takes nothing: RFC 3463
# section 3.2, RFC 7505. Without such a code nobody knows whether it is the address or the server.
NO_SUCH_ADDRESS = re.compile(r"5\.1\.(?:1|3|6|10)(?![\d.])")
ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?![\d.])")


class Words(NamedTuple):
    """What an e-mail says."""

    subject: str
    text: str


def made(to: str, words: Words, *, now: datetime, expires_at: datetime | None = None) -> Mail:
    """Return an e-mail for the outbox, where many are stored at once.

    Args:
        expires_at: when what it tells is of no use any more, as when a link in it ends; then it is
            not sent. Unless given, that is after three days.
    """
    ends = expires_at or now + TRIED_FOR
    mail = Mail(to=to, created_at=now, next_try_at=now, expires_at=ends)
    mail.write(*words)
    return mail


def post(to: str, words: Words, *, now: datetime, expires_at: datetime | None = None) -> None:
    """Put an e-mail into the outbox, in the caller's transaction."""
    made(to, words, now=now, expires_at=expires_at).save(force_insert=True)


def database_clock() -> datetime:
    """Return what time it is where all of us ask: a machine's own clock may be hours off."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    assert isinstance(now, datetime)  # noqa: S101  for the type checker
    return now


def send_due(
    *,
    within: float = 60.0,
    clock: Callable[[], datetime] = database_clock,
    alive: Callable[[], None] | None = None,
    overdue: bool = False,
) -> int:
    """Send what is due, one after another; return how many went out.

    Each is leased just before it is tried, for longer than a try can take: whoever sends beside
    us takes others. One that fails is tried again for as long as it is of use; only where there
    is no such address it is not. Killed in between, it may go out twice, with one Message-ID.

    Args:
        within: seconds after which no other is begun.
        alive: called again and again meanwhile, for whoever watches us.
        overdue: only what somebody else should have sent a while ago.
    """
    until, sent = time.monotonic() + within, 0
    while True:
        deadline = Deadline(alive=alive)
        mail = _claim(now=clock(), late=OVERDUE_AFTER if overdue else timedelta())
        if mail is None:
            return sent
        sent += _is_sent(mail, deadline, clock)
        if time.monotonic() >= until:
            return sent


def _claim(*, now: datetime, late: timedelta = timedelta()) -> Mail | None:
    """Take one for a while, so that no lock is held while a server is spoken to."""
    with transaction.atomic():
        due = Mail.objects.select_for_update(skip_locked=True).filter(next_try_at__lte=now - late)
        mail = due.order_by("next_try_at").first()
        if mail:
            mail.tries += 1
            mail.next_try_at = now + LEASE
            mail.save(update_fields=["tries", "next_try_at"])
    return mail


def _is_sent(mail: Mail, deadline: Deadline, clock: Callable[[], datetime]) -> bool:
    now = clock()
    if now >= (mail.expires_at or mail.created_at + TRIED_FOR):
        logger.error("mail %s was of no use any more before it could be sent", mail.pk)
        _end(mail, mail.trouble or Trouble.NOT_TRIED)
        return False
    try:
        _send(mail, deadline)
    except Exception as error:  # noqa: BLE001  whatever is wrong with one, others are sent
        _fail(mail, error, now=clock())
        return False
    ended = {"sealed_words": b"", "next_try_at": None, "trouble": ""}
    Mail.objects.filter(pk=mail.pk).update(sent_at=clock(), **ended)
    return True


def _send(mail: Mail, deadline: Deadline) -> None:
    subject, text = mail.read()
    message = EmailMessage(
        subject,
        text,
        to=[mail.to],
        headers={
            "Message-ID": f"<{mail.pk}@{settings.PUBLIC_URL.hostname}>",
            "Auto-Submitted": "auto-generated",  # RFC 3834: no automatic answers, please
        },
        connection=get_connection(deadline=deadline),
    )
    message.send()


def _fail(mail: Mail, error: Exception, *, now: datetime) -> None:
    """Try again later, or never where there is no such address. The answer may name people."""
    trouble, code, enhanced = _trouble(error)
    what = " ".join(filter(None, (type(error).__name__, str(code or ""), enhanced)))
    logger.warning("mail %s was not sent: %s", mail.pk, what)
    if trouble is Trouble.OUR_FAULT:
        logger.error("mail %s cannot be sent", mail.pk, exc_info=error)
    if trouble is Trouble.NO_SUCH_ADDRESS:
        _end(mail, trouble)
        return
    first, longest = FIRST_WAIT, LONGEST_WAIT
    if trouble is Trouble.UNSURE:
        first, longest = FIRST_WAIT_UNSURE, LONGEST_WAIT_UNSURE
    wait = min(first * 2 ** min(mail.tries - 1, 10), longest)
    _ours(mail).update(next_try_at=now + wait, trouble=trouble)


def _trouble(error: Exception) -> tuple[Trouble, int, str]:
    """Return why it was not sent, with the server's codes (RFC 5321 section 4.2, RFC 3463)."""
    code, text = _reply(error)
    enhanced = found[0] if (found := ENHANCED.match(text)) else ""
    if isinstance(error, UnansweredError):
        trouble = Trouble.UNSURE
    elif code >= 500:
        is_theirs = isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError)
        is_unknown = is_theirs and NO_SUCH_ADDRESS.match(text)
        trouble = Trouble.NO_SUCH_ADDRESS if is_unknown else Trouble.REFUSED
    elif code >= 400:
        trouble = Trouble.BUSY
    elif isinstance(error, smtplib.SMTPNotSupportedError):  # TLS or passwords
        trouble = Trouble.REFUSED
    elif isinstance(error, OSError):  # SMTPException is one
        trouble = Trouble.NO_ANSWER
    else:  # such as a key that is missing
        trouble = Trouble.OUR_FAULT
    return trouble, code, enhanced


def _reply(error: Exception) -> tuple[int, str]:
    """Return the code and the text that a server refused with, or 0 and nothing."""
    code, text = 0, b""
    if isinstance(error, smtplib.SMTPRecipientsRefused):  # there is one recipient
        code, text = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, said = error.smtp_code, error.smtp_error
        text = said.encode() if isinstance(said, str) else said
    return code, text.decode("ascii", "replace")


def _ours(mail: Mail) -> "models.QuerySet[Mail]":
    """Return it unless somebody has taken or sent it since: what is true of them is not known."""
    return Mail.objects.filter(pk=mail.pk, tries=mail.tries, sent_at=None)


def _end(mail: Mail, trouble: str) -> None:
    """Send it never, and forget its words: a link that they hold is in its mailbox only."""
    _ours(mail).update(sealed_words=b"", next_try_at=None, trouble=trouble)


def forget_old(*, now: datetime) -> None:
    Mail.objects.filter(next_try_at=None, created_at__lte=now - Mail.KEPT_FOR).delete()
