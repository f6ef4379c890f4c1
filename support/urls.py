"""The addresses of help."""

from django.urls import path

from accounts.topics import Topic
from support.help.views import help  # noqa: A004  the name of its pages
from support.status.views import paper_form, status

app_name = "support"
urlpatterns = [
    path("help/", help.contents, name="help"),
    *(path(f"help/{each}/", help.topic, {"topic": each}, name=f"help-{each}") for each in Topic),
    path("status/", status.status, name="status"),
    path("status/paper-form/", paper_form.paper_form, name="paper-form"),
]
