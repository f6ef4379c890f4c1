"""E-mail: put into the outbox with what it tells of, and sent from there until it has gone out.

The templates hold no patient data: nothing of a referral is ever told by e-mail.
"""

import logging
import smtplib
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.template.loader import render_to_string

from accounts.models import Mail

logger = logging.getLogger(__name__)

AT_ONCE = 20
LEASE = timedelta(minutes=2)  # longer than an attempt: nobody else tries meanwhile
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=10)


def made(
    to: str, template: str, *, now: datetime, expires_at: datetime | None = None, **context: Any
) -> Mail:
    """Return an e-mail for the outbox, for whoever stores many at once.

    Args:
        template: its name in ``templates/mail``; its first line is the subject.
        expires_at: when what it tells is of no use any more; then it is not sent.
        context: what its words need.
    """
    context["address"] = settings.PUBLIC_URL.geturl().rstrip("/")
    subject, _, text = render_to_string(f"mail/{template}.txt", context).partition("\n")
    mail = Mail(to=to, created_at=now, next_try_at=now, expires_at=expires_at)
    mail.write(subject.strip(), text.strip() + "\n")
    return mail


def post(to: str, template: str, *, now: datetime, **more: Any) -> None:
    """Put an e-mail into the outbox, in the caller's transaction.

    Args:
        more: what else ``made`` takes.
    """
    made(to, template, now=now, **more).save(force_insert=True)


def send_due(*, now: datetime) -> int:
    """Send what is due, each by itself; return how many went out.

    One that fails is tried again for as long as it is of use; one that the server refuses for
    good is not. Killed in between, it may go out twice, with the same Message-ID.
    """
    return sum(_is_sent(mail, now=now) for mail in _claim(now=now))


def _claim(*, now: datetime) -> list[Mail]:
    """Take a few for a while, so that no lock is held while a server is spoken to."""
    with transaction.atomic():
        due = Mail.objects.select_for_update(skip_locked=True).filter(next_try_at__lte=now)
        mails = list(due.order_by("next_try_at")[:AT_ONCE])
        for mail in mails:
            mail.tries += 1
            mail.next_try_at = now + LEASE
        Mail.objects.bulk_update(mails, ["tries", "next_try_at"])
    return mails


def _is_sent(mail: Mail, *, now: datetime) -> bool:
    if mail.expires_at and mail.expires_at <= now:
        logger.error("mail %s was of no use any more before it could be sent", mail.pk)
        _end(mail, sent_at=None)
        return False
    try:
        _send(mail)
    except (smtplib.SMTPException, OSError) as error:
        _fail(mail, error, now=now)
        return False
    _end(mail, sent_at=now)
    return True


def _send(mail: Mail) -> None:
    subject, text = mail.read()
    message = EmailMessage(
        subject,
        text,
        to=[mail.to],
        headers={
            "Message-ID": f"<{mail.pk}@{settings.PUBLIC_URL.hostname}>",
            "Auto-Submitted": "auto-generated",  # RFC 3834: no automatic answers, please
        },
        connection=get_connection(),
    )
    message.send()


def _fail(mail: Mail, error: Exception, *, now: datetime) -> None:
    """Try again later, or never where the server will not have it. Its answer may name people."""
    code = _refusal(error)
    logger.warning("mail %s was not sent: %s %s", mail.pk, type(error).__name__, code or "")
    if isinstance(error, smtplib.SMTPRecipientsRefused) and code >= 500:
        _end(mail, sent_at=None)
        return
    wait = min(FIRST_WAIT * 2 ** min(mail.tries - 1, 10), LONGEST_WAIT)
    Mail.objects.filter(pk=mail.pk).update(next_try_at=now + wait)


def _refusal(error: Exception) -> int:
    """Return the server's reply code (RFC 5321 section 4.2), or 0 if there was none."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return min(code for code, _ in error.recipients.values())
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else 0


def _end(mail: Mail, *, sent_at: datetime | None) -> None:
    """Forget its words: a link that they hold is in its mailbox only."""
    Mail.objects.filter(pk=mail.pk).update(sealed_words=b"", next_try_at=None, sent_at=sent_at)


def forget_old(*, now: datetime) -> None:
    """Clear away the rows of what was done with long ago."""
    Mail.objects.filter(next_try_at=None, created_at__lte=now - Mail.KEPT_FOR).delete()
