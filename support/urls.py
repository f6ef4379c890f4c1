"""The addresses of help."""

from django.urls import include, path

from accounts.topics import Topic
from support.codes.views import support_code
from support.help.guides import GUIDES
from support.help.views import (
    guides,
    help,  # noqa: A004  the name of its pages
)

app_name = "support"
urlpatterns = [
    path("help/", help.contents, name="help"),
    path("connection/", include("support.connection.urls")),
    path("support-code/", support_code.support_code, name="support-code"),
    path("desk/support-code/", support_code.desk_support_code, name="desk-support-code"),
    *(path(f"help/{each}/", help.topic, {"topic": each}, name=f"help-{each}") for each in Topic),
    *(
        path(f"help/guides/{each.name}/", guides.guide, {"guide": each}, name=f"guide-{each.name}")
        for each in GUIDES
    ),
]
