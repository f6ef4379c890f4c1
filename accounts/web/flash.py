"""Flash messages: what a page says once of what has just happened; its address names which."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from accounts.models.sessions import Ended

_SAVED = "What you have written in a referral is kept."
_OTHERS = "Wherever else you were logged in, you have been logged out."

LOG_IN = {
    **{each.value: f"{each.label} {_SAVED}" for each in Ended},
    "left": (
        "You are not logged in here. If you were, somebody has logged out, or logged in as another "
        f"person, in another tab or window. {_SAVED}"
    ),
    "needed": "Log in to open that page.",
    "begin": "Start here, with your user name and password.",
    "again": "That log-in was finished or ended somewhere else. Start again here.",
    "slow": "That took too long. For your security, start again.",
    "declined": "You have declined, and are logged out: your account has no other practice.",
    "out": "You have logged out.",
    "new-password": "Your new password is set. Log in with it and a code.",
}
CASE = {
    "again": "That was done or changed by somebody else meanwhile. This is how it is now.",
    "approved": "You have approved it. Whoever calls them back can carry it out now.",
    "opened": "The case is open. The person and their administrators are told.",
    "refused": "The case is ended. Nothing was changed.",
}
ALLOWED_ADDRESSES = {
    "allowed": "The address is allowed. Their practice administrator can invite them now.",
    "back": "The address is not allowed any more.",
}
ACCOUNT = {
    "accepted": "You have accepted. Where you are working now is at the top of the page.",
    "declined": "You have declined. Nothing else has changed.",
    "answered": "There is nothing for you to accept: it was taken back, or answered before.",
    "added": f"Your new authenticator app is set up. {_OTHERS}",
    "again": "That was done or ended somewhere else. This is how it is now.",
    "others": _OTHERS,
    "passkey-added": f"Your new passkey is added. {_OTHERS}",
    "passkey-removed": f"The passkey is removed. {_OTHERS}",
    "password": f"Your password is changed. {_OTHERS}",
    "removed": f"The authenticator app is removed. {_OTHERS}",
    "session": "That browser has been logged out.",
}
REVIEW = {"saved": "Saved. What you did not choose is still open."}

PEOPLE = {
    "again": "That was done or changed by somebody else meanwhile. This is how it is now.",
    "changed": "The details are changed.",
    "handed-over": "The drafts are in your colleague's list now. Both are told by e-mail.",
    "invited": (
        "Everybody in the list is invited. Who is new gets an e-mail with a link, which works for "
        "24 hours; with many people it takes some minutes. Who had a login already is asked, and "
        "can use it here once they accept. If an e-mail does not arrive, open the person and "
        "choose “Invite again”."
    ),
    "asked": "They are asked by email. They become an administrator once they log in and accept.",
    "joined": (
        "They have an account already. They are asked by email, and can use it at your practice "
        "once they log in and accept."
    ),
    "no-drafts": "They had no drafts here any more.",
    "on-asked": (
        "Their account belongs to another practice: they are asked by email, and can log in here "
        "again once they accept."
    ),
    "taken-back": "It is taken back, and they are told by email.",
    "off": "They are turned off: they cannot log in here any more. What they did is kept.",
    "one-person": "It is noted that only they use this login. New signs are shown here again.",
    "on": "They are turned on again, and can log in.",
    "place": "Their role or last day here is changed.",
    "unlocked": "They are unlocked. They choose a new password with a link that we have e-mailed.",
}


def message(request: HttpRequest, messages: Mapping[str, str]) -> str:
    """Return what the address of a page asks it to say; nothing where it knows no such message."""
    return messages.get(request.GET.get("because", ""), "")


def redirect_to(route: str, flash_code: str, **kwargs: object) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse(route, kwargs=kwargs)}?because={flash_code}")
