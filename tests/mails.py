"""Reads what waits in the outbox, as its reader will."""

import re

from accounts.models.mail import Mail
from accounts.models.people import User


def mailed(user: User) -> dict[str, str]:
    """Return the e-mails to a person that wait to be sent: the newest text by its subject."""
    mails = Mail.objects.filter(to=user.email).order_by("created_at")
    return dict(each.read() for each in mails)


def link_in(text: str) -> str:
    """Return the one link of an e-mail, without the host."""
    (link,) = re.findall(r"^https://pharmrefer\.example(/\S+)$", text, re.MULTILINE)
    return str(link)


def keys_mailed(user: User) -> list[str]:
    """Return the keys of all links in a person's e-mails."""
    return [key for text in mailed(user).values() for key in re.findall(r"\?key=(\S+)", text)]
