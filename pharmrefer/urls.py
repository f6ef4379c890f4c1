"""Every address of PharmRefer, and the pages for what goes wrong."""

from django.urls import path
from django.views.generic import TemplateView

from pharmrefer import health

urlpatterns = [
    path("", TemplateView.as_view(template_name="front.html"), name="front"),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
]
handler400 = "pharmrefer.errors.bad_request"
handler403 = "pharmrefer.errors.forbidden"
handler404 = "pharmrefer.errors.not_found"
handler500 = "pharmrefer.errors.server_error"
