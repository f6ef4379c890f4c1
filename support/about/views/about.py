"""Accessibility, privacy, cookies and terms: open to everyone, and ask no database."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import shared_logins
from accounts.models.mail import Mail
from accounts.web import access
from accounts.web.access import VisitorRequest
from support.about import cookies
from support.about.cookies import duration
from support.about.pages import AboutPage
from support.models.support_codes import SupportCode


@access.everyone
@require_safe
def about(request: VisitorRequest, page: AboutPage) -> HttpResponse:
    context = {
        "page": page,
        "cookies": cookies.listed(),
        "drafts_kept": duration(settings.DRAFTS_KEPT),
        "codes_kept": duration(SupportCode.LIFETIME),
        "emails_kept": duration(Mail.KEPT_FOR),
        "indicators_kept": duration(shared_logins.KEPT_FOR),
        "longest": duration(settings.SESSION_LONGEST),
        "version": settings.VERSION,
    }
    return render(request, f"support/about/{page}.html", context)
