"""The addresses of help, and of what PharmRefer says of itself."""

from django.urls import include, path

from accounts.topics import Topic
from support.about.pages import AboutPage
from support.about.views import about, whats_new
from support.codes.views import support_code
from support.help.guides import GUIDES
from support.help.views import (
    guides,
    help,  # noqa: A004  the name of its pages
    questions,
    search,
)
from support.region.sections import RegionSection
from support.region.views import change, region, restore, versions
from support.status.views import paper_form, status

app_name = "support"
urlpatterns = [
    path("help/", help.contents, name="help"),
    path("connection/", include("support.connection.urls")),
    path("help/search/", search.search, name="search"),
    path("help/questions/<slug:slug>/", questions.question, name="question"),
    path("support-code/", support_code.support_code, name="support-code"),
    path("desk/support-code/", support_code.desk_support_code, name="desk-support-code"),
    *(path(f"help/{each}/", help.topic, {"topic": each}, name=f"help-{each}") for each in Topic),
    *(
        path(f"help/guides/{each.name}/", guides.guide, {"guide": each}, name=f"guide-{each.name}")
        for each in GUIDES
    ),
    path("whats-new/", whats_new.whats_new, name="whats-new"),
    *(path(f"about/{each}/", about.about, {"page": each}, name=each) for each in AboutPage),
    path("status/", status.status, name="status"),
    path("status/paper-form/", paper_form.paper_form, name="paper-form"),
    path("region/", region.region, name="region"),
    *(
        path(f"region/change/{each}/", change.change, {"section": each}, name=f"region-{each}")
        for each in RegionSection
    ),
    path("region/versions/", versions.versions, name="region-versions"),
    path("region/versions/<int:number>/", versions.version, name="region-version"),
    path("region/versions/<int:number>/restore/", restore.restore, name="region-restore"),
]
