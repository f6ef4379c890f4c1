"""The addresses of help."""

from django.urls import include, path

from accounts.topics import Topic
from support.help.guides import GUIDES
from support.help.views import (
    guides,
    help,  # noqa: A004  the name of its pages
    questions,
    search,
)

app_name = "support"
urlpatterns = [
    path("help/", help.contents, name="help"),
    path("connection/", include("support.connection.urls")),
    path("help/search/", search.search, name="search"),
    path("help/questions/<slug:slug>/", questions.question, name="question"),
    *(path(f"help/{each}/", help.topic, {"topic": each}, name=f"help-{each}") for each in Topic),
    *(
        path(f"help/guides/{each.name}/", guides.guide, {"guide": each}, name=f"guide-{each.name}")
        for each in GUIDES
    ),
]
