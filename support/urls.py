"""The addresses of help, and of what PharmRefer says of itself."""

from django.urls import path

from accounts.topics import Topic
from support.about.pages import AboutPage
from support.about.views import about, whats_new
from support.help.views import help  # noqa: A004  the name of its pages

app_name = "support"
urlpatterns = [
    path("help/", help.contents, name="help"),
    *(path(f"help/{each}/", help.topic, {"topic": each}, name=f"help-{each}") for each in Topic),
    path("whats-new/", whats_new.whats_new, name="whats-new"),
    *(path(f"about/{each}/", about.about, {"page": each}, name=each) for each in AboutPage),
]
