"""Every address of PharmRefer, and the pages for what goes wrong."""

from django.urls import include, path
from django.views.generic import RedirectView

from accounts import access
from pharmrefer import health

urlpatterns = [
    path("", access.everyone(RedirectView.as_view(pattern_name="accounts:account")), name="home"),
    path("", include("accounts.urls")),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
]
handler400 = "pharmrefer.errors.bad_request"
handler403 = "pharmrefer.errors.forbidden"
handler404 = "pharmrefer.errors.not_found"
handler500 = "pharmrefer.errors.server_error"
