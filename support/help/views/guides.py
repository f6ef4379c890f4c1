"""The guides, a page each: open to everyone, and ask no database."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models.passkeys import Passkey
from accounts.sign_in import lockout, own_account, password_rules
from accounts.web import access
from accounts.web.access import VisitorRequest
from accounts.wording import time_left
from support.help.guides import Guide


@access.everyone
@require_safe
def guide(request: VisitorRequest, guide: Guide) -> HttpResponse:
    context = {
        "guide": guide,
        "logs_out_after": time_left(int(settings.SESSION_IDLE.total_seconds())),
        "most_apps": own_account.MOST_AUTHENTICATORS,
        "most_passkeys": Passkey.MOST,
        "most_wrong": lockout.MOST_WRONG,
        "practices_reset": settings.PRACTICES_RESET,
        "shortest_password": password_rules.SHORTEST_FOR_PRIVILEGED,
    }
    return render(request, guide.template, context)
