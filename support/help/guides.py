"""The guides: one table of what they are called and what people search for, and their figures.

Each is a page that prints on one or two sheets; its template has the same name.
"""

from typing import Any, NamedTuple

from django.conf import settings

from accounts.models.passkeys import Passkey
from accounts.sign_in import lockout, own_account, password_rules
from accounts.wording import time_left


class Guide(NamedTuple):
    name: str  # the last part of its address
    title: str
    summary: str
    keywords: str  # what people type who look for it, beside the words of its title

    def __str__(self) -> str:
        return self.name

    @property
    def route(self) -> str:
        return f"support:guide-{self.name}"

    @property
    def template(self) -> str:
        return f"support/help/guides/{self.name}.html"


GUIDES = (
    Guide(
        "microsoft-authenticator",
        "Set up Microsoft Authenticator on a phone",
        "From opening the app to your first code.",
        "mobile iphone android app barcode qr code scan new phone first time",
    ),
    Guide(
        "twofast",
        "Set up 2FAST on a Windows computer",
        "From the data file and its password to your first code.",
        "2 fast 2-fast two fast desktop pc windows data file datafile manual input inputs tab "
        "create account grey greyed out secret key scan screen no phone",
    ),
    Guide(
        "logging-in",
        "Log in after the first time",
        "Password, code, practice, and what the screen lock keeps.",
        "sign in log on login username password code choose practice locum lock locked timed out "
        "time out draft kept switch user",
    ),
    Guide(
        "second-computer",
        "Use 2FAST on another computer",
        "Open your own data file wherever you sit.",
        "2fast hot desk hot-desk hotdesking new computer second computer other room load existing "
        "data file local path shared drive",
    ),
    Guide(
        "several-apps",
        "Have more than one authenticator app",
        "Add the second one before you lose the first, or change over to it.",
        "switch switching change app new phone second app backup spare move rename remove",
    ),
    Guide(
        "passkeys",
        "Log in with a passkey",
        "Your fingerprint, face or PIN in place of a code.",
        "passkey fingerprint face windows hello security key pin biometric",
    ),
    Guide(
        "administrators",
        "Look after logins at your practice",
        "For practice administrators: new people, leavers, shared logins and locked accounts.",
        "administrator admin practice manager invite create login new starter leaver left locum "
        "shared generic login unlock locked access review second administrator",
    ),
    Guide(
        "service-desk",
        "Help a caller who has lost their app",
        "For the service desk: calling back, resetting, and reading out the code.",
        "service desk reset call back script caller impostor spell phonetic alphabet support code",
    ),
)


def context_of(guide: Guide) -> dict[str, Any]:
    """Return what its template is given."""
    return {
        "guide": guide,
        "locks_after": time_left(int(settings.SESSION_LOCK.total_seconds())),
        "logs_out_after": time_left(int(settings.SESSION_IDLE.total_seconds())),
        "most_apps": own_account.MOST_AUTHENTICATORS,
        "most_passkeys": Passkey.MOST,
        "most_wrong": lockout.MOST_WRONG,
        "practices_reset": settings.PRACTICES_RESET,
        "shortest_password": password_rules.SHORTEST_FOR_PRIVILEGED,
    }
