"""Flash messages: what a page says once of what has just happened; its address names which."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from accounts.models.sessions import Ended

_SAVED = "What you have written in a referral is kept."
_OTHERS = "You have been logged out everywhere else."

LOG_IN = {
    **{each.value: f"{each.label} {_SAVED}" for each in Ended},
    "left": (
        "You are not logged in here. If you were, someone has logged out, or logged in as another "
        f"person, in another tab or window. {_SAVED}"
    ),
    "needed": "Log in to open that page.",
    "begin": "Start here, with your username and password.",
    "again": "That login was finished or ended somewhere else. Start again here.",
    "slow": "That took too long. For your security, start again.",
    "declined": "You have declined, and are logged out: your account has no other practice.",
    "out": "You have logged out.",
    "new-password": "Your new password is set. Log in with it and a code.",
}
CASE = {
    "again": "Someone else has just done or changed that. This is how it is now.",
    "approved": "You have approved it. Anyone at the service desk can now carry it out.",
    "opened": "The case is open. We have told the person and their administrators.",
    "refused": "The case has ended. Nothing was changed.",
}
ALLOWED_ADDRESSES = {
    "allowed": "The address is allowed. Their practice administrator can invite them now.",
    "back": "The address is no longer allowed.",
}
ACCOUNT = {
    "accepted": "You have accepted. Where you are working now is at the top of the page.",
    "declined": "You have declined. Nothing else has changed.",
    "answered": "There is nothing to accept: it was withdrawn, or you have already answered.",
    "added": f"You have set up your new authenticator app. {_OTHERS}",
    "again": "That was already done, or ended, somewhere else. This is how it is now.",
    "others": _OTHERS,
    "passkey-added": f"You have added your new passkey. {_OTHERS}",
    "passkey-removed": f"You have removed the passkey. {_OTHERS}",
    "password": f"You have changed your password. {_OTHERS}",
    "removed": f"You have removed the authenticator app. {_OTHERS}",
    "session": "That browser has been logged out.",
}
REVIEW = {"saved": "Saved. People you did not answer for are still on this list."}

PEOPLE = {
    "again": "Someone else has just done or changed that. This is how it is now.",
    "changed": "You have changed the details.",
    "handed-over": "The drafts are now in your colleague's list. We have emailed both people.",
    "invited": (
        "You have invited everyone in the list. New people will get an email with a link, which "
        "works for 24 hours. This can take a few minutes. People who already had a login are "
        "asked by email, and can use it here once they accept. If an email does not arrive, open "
        "the person's page and choose “Invite again”."
    ),
    "asked": "We have emailed them. They become an administrator once they log in and accept.",
    "joined": (
        "They already have an account. We have asked them by email, and they can use it at your "
        "practice once they log in and accept."
    ),
    "no-drafts": "They no longer had any drafts here.",
    "on-asked": (
        "Their account belongs to another practice: we have asked them by email, and they can log "
        "in here again once they accept."
    ),
    "taken-back": "You have withdrawn the request, and we have told them by email.",
    "off": "They are turned off: they can no longer log in here. Their referrals are kept.",
    "one-person": "We have recorded that only they use this login. Anything new shows here.",
    "on": "They are turned on again, and can log in.",
    "place": "You have changed their role or last day here.",
    "unlocked": "They are unlocked. We have emailed them a link to choose a new password.",
}


def message(request: HttpRequest, messages: Mapping[str, str]) -> str:
    """Return what the address of a page asks it to say; nothing where it knows no such message."""
    return messages.get(request.GET.get("because", ""), "")


def redirect_to(route: str, flash_code: str, **kwargs: object) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse(route, kwargs=kwargs)}?because={flash_code}")
