"""The addresses of help."""

from django.urls import path

from accounts.topics import Topic
from support.help.views import help  # noqa: A004  the name of its pages
from support.region.sections import RegionSection
from support.region.views import change, region, restore, versions

app_name = "support"
urlpatterns = [
    path("help/", help.contents, name="help"),
    *(path(f"help/{each}/", help.topic, {"topic": each}, name=f"help-{each}") for each in Topic),
    path("region/", region.region, name="region"),
    *(
        path(f"region/change/{each}/", change.change, {"section": each}, name=f"region-{each}")
        for each in RegionSection
    ),
    path("region/versions/", versions.versions, name="region-versions"),
    path("region/versions/<int:number>/", versions.version, name="region-version"),
    path("region/versions/<int:number>/restore/", restore.restore, name="region-restore"),
]
