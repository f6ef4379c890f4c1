"""Deletes log-ins under way, sessions, tries and the like that have expired."""

from datetime import datetime, timedelta

from django.conf import settings

from accounts import mail
from accounts.models.credentials import Authenticator, PasswordLink
from accounts.models.former_addresses import FormerAddress
from accounts.models.passkeys import Challenge
from accounts.models.sessions import LoggedOut, PendingLogIn, Session
from accounts.models.shared_logins import SharedLoginIndicator
from accounts.models.throttle import Throttle


def forget_expired(*, now: datetime) -> None:
    """Delete what expired a day ago: until then, users can be told why it opens nothing."""
    a_day_ago = now - timedelta(days=1)
    PendingLogIn.objects.filter(expires_at__lte=a_day_ago).delete()
    Session.objects.filter(last_seen_at__lte=a_day_ago - settings.SESSION_IDLE).delete()
    Session.objects.filter(created_at__lte=a_day_ago - settings.SESSION_LONGEST).delete()
    Authenticator.objects.filter(confirmed=False, created_at__lte=a_day_ago).delete()
    PasswordLink.objects.filter(expires_at__lte=a_day_ago).delete()
    Throttle.objects.forget_old(now=now)
    Challenge.objects.filter(expires_at__lte=a_day_ago).delete()
    # After so long their pages could save nothing in any case.
    LoggedOut.objects.filter(at__lte=a_day_ago - settings.SESSION_LONGEST).delete()
    SharedLoginIndicator.objects.forget_old(now=now)
    FormerAddress.objects.filter(left_at__lte=now - FormerAddress.NOTIFIED_FOR).delete()
    mail.forget_old(now=now)
