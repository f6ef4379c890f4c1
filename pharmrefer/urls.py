"""Every address of PharmRefer, and the pages for what goes wrong."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import include, path

from accounts.people.urls import practice as people_practice
from accounts.roles import Permission, may
from accounts.web import access
from accounts.web.access import VisitorRequest
from pharmrefer import live, ready
from referrals.urls import clinical, practice


@access.everyone
def home(request: VisitorRequest) -> HttpResponse:
    session = request.signed_in
    if request.locked:
        return redirect("accounts:unlock")
    if session is None:
        return redirect(
            access.address_of("accounts:log-in", because=access.why_logged_out(request))
        )
    if not session.has_chosen:
        return redirect("accounts:choose")
    if may(session.role, Permission.REFERRAL_OPEN):
        return redirect("referrals:home")
    helps = may(session.role, Permission.DESK_OPEN)
    return redirect("accounts:desk" if helps else "accounts:account")


urlpatterns = [  # tried one after another: what is asked for most comes first
    path("referrals/", include("referrals.urls")),
    path("", home, name="home"),
    path("", include("accounts.urls")),
    path("", include("support.urls")),
    path("practice/", include(([*people_practice, *practice], "practice"))),
    path("clinical-content/", include((clinical, "clinical"))),
    path("health/live", live.live, name="health-live"),
    path("health/ready", ready.ready, name="health-ready"),
]
handler400 = "pharmrefer.errors.bad_request"
handler403 = "pharmrefer.errors.forbidden"
handler404 = "pharmrefer.errors.not_found"
handler500 = "pharmrefer.errors.server_error"
