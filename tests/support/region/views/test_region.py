"""The operator's first page of regional content, its versions, and going back to one."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from msgspec import structs

from accounts.models.people import Membership
from accounts.roles import Role
from support.models.regional_content import RegionalContent
from support.region import versions
from support.region.sections import RegionSection
from tests import factories
from tests.factories import acting
from tests.pages import link_to, text_of, walk, would_send
from tests.support.region.conftest import Save
from tests.support.region.samples import FULL

pytestmark = pytest.mark.django_db


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_each_section_says_what_counts_and_leads_to_its_form(
    signed_in: Client, save: Save, operator: Membership
) -> None:
    number = save(FULL)
    page = text_of(signed_in.get("/region/"))
    for section in RegionSection:
        assert f'href="/region/change/{section}/"' in page
    said = words(page)
    assert f"This is version {number}, saved by {operator.user.full_name} at" in said
    assert "Phone 01632 960 400 (option 2)" in said
    assert "Microsoft Authenticator" in said


def test_before_anything_is_saved_it_says_so(signed_in: Client) -> None:
    page = words(text_of(signed_in.get("/region/")))
    assert "Nothing is saved yet, so pages name nobody to ask." in page
    assert page.count("Nothing yet.") == len(RegionSection)
    assert "Nothing is saved yet." in words(text_of(signed_in.get("/region/versions/")))


def test_the_menu_shows_it_to_operators_only(signed_in: Client) -> None:
    assert link_to(text_of(signed_in.get("/account/")), "Help and contacts") == "/region/"
    desk = Client(headers={"x-forwarded-proto": "https"})
    factories.sign_in(desk, factories.active_person(role=Role.SERVICE_DESK))
    assert "Help and contacts" not in text_of(desk.get("/desk/"))


@pytest.mark.parametrize("page", ["/region/", "/region/versions/", "/region/versions/{}/"])
def test_what_a_page_asks_the_database_does_not_grow_with_versions(
    signed_in: Client, save: Save, page: str, django_assert_max_num_queries: Any
) -> None:
    for name in ("a", "b", "c"):
        number = save(structs.replace(FULL, name=name))
    with django_assert_max_num_queries(4):
        assert signed_in.get(page.format(number)).status_code == 200


def test_versions_are_listed_newest_first_with_who_and_what(
    signed_in: Client, save: Save, operator: Membership
) -> None:
    first = save(FULL)
    versions.load(structs.replace(FULL, name="Vale"), None, acting(now=timezone.now()))
    said = words(text_of(signed_in.get("/region/versions/")))
    newest, oldest = said.index(f"Version {first + 1} Shown now"), said.index(f"Version {first} ")
    assert newest < oldest
    assert "Someone at the console" in said[newest:oldest]
    assert operator.user.full_name in said[oldest:]


def test_many_versions_have_pages(signed_in: Client) -> None:
    now = timezone.now()
    RegionalContent.objects.bulk_create(
        RegionalContent(content="{}", saved_at=now, summary=f"No. {number}")
        for number in range(120)
    )
    found = [
        summary
        for page in walk(signed_in, "/region/versions/")
        for summary in re.findall(r"No\. \d+", page)
    ]
    assert found == [f"No. {number}" for number in reversed(range(120))]


def test_a_version_says_what_it_changed_and_all_that_it_says(signed_in: Client, save: Save) -> None:
    first = save(FULL)
    number = save(structs.replace(FULL, name="Vale"))
    said = words(text_of(signed_in.get(f"/region/versions/{number}/")))
    assert "Name and legal texts: Name of the region" in said
    assert "Pages show it now." in said
    assert "Go back to this version" not in said
    earlier = words(text_of(signed_in.get(f"/region/versions/{first}/")))
    assert "Go back to this version" in earlier
    assert "Westmere and Vale" in earlier


class TestGoingBack:
    def press(self, client: Client, page: str, number: int) -> Any:
        sent = {str(name): text or "" for name, text in would_send(page).items()}
        return client.post(f"/region/versions/{number}/restore/", sent)

    def test_it_says_what_that_changes_and_saves_it_as_a_new_version(
        self, signed_in: Client, save: Save
    ) -> None:
        first = save(FULL)
        second = save(structs.replace(FULL, name="Vale"))
        page = text_of(signed_in.get(f"/region/versions/{first}/restore/"))
        assert "Name and legal texts: Name of the region" in page
        assert self.press(signed_in, page, first)["Location"] == "/region/?because=restored"
        newest = versions.newest()
        assert newest
        assert newest.pk > second
        assert versions.region_of(newest) == FULL

    def test_what_was_saved_meanwhile_is_shown_first(self, signed_in: Client, save: Save) -> None:
        first, _ = save(FULL), save(structs.replace(FULL, name="Vale"))
        page = text_of(signed_in.get(f"/region/versions/{first}/restore/"))
        save(structs.replace(FULL, name="Saltby"))
        answer = self.press(signed_in, page, first)
        assert answer.status_code == 422
        again = text_of(answer)
        assert "That was after you opened this page" in again
        assert "Saltby" in again
        assert self.press(signed_in, again, first).status_code == 302

    @pytest.mark.parametrize("number", [999_999, 2**70])
    @pytest.mark.parametrize("page", ["", "restore/"])
    def test_there_is_no_such_version(self, signed_in: Client, number: int, page: str) -> None:
        answer = signed_in.get(f"/region/versions/{number}/{page}")
        assert answer["Location"].startswith("/region/")
