"""Changing a section: the form, the preview, saving; and nothing that was typed is lost."""

from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from msgspec import structs

from accounts.models.people import Membership
from accounts.models.sessions import Session
from accounts.roles import Role
from support.models.regional_content import RegionalContent
from support.region import versions
from support.region.checks import LONDON
from support.region.content import MOST_APPS, AppDevice, Approval, NoticeKind, Region
from support.region.sections import RegionSection
from tests import factories
from tests.factories import acting
from tests.pages import text_of, would_send
from tests.support.region.conftest import Save
from tests.support.region.samples import DESK, FULL, NOTICE

pytestmark = pytest.mark.django_db
Sent = dict[str | None, str | None]


def address(section: RegionSection) -> str:
    return f"/region/change/{section}/"


def form_on(page: str, **changes: str) -> dict[str, str]:
    """Return what a browser would send from a page, with some fields filled in."""
    sent = {str(name): text or "" for name, text in would_send(page).items() if name}
    typed = {f"region-{name.replace('__', '-')}": text for name, text in changes.items()}
    assert sent.keys() >= typed.keys(), typed.keys() - sent.keys()
    return sent | typed


def opened(client: Client, section: RegionSection) -> str:
    return text_of(client.get(address(section)))


def post(client: Client, section: RegionSection, sent: dict[str, str], press: str = "") -> Any:
    pressed = {press.partition("=")[0]: press.partition("=")[2] or "yes"} if press else {}
    return client.post(address(section), sent | pressed)


def newest() -> Region:
    return versions.region_of(versions.newest())


@pytest.mark.parametrize("section", RegionSection)
def test_what_counts_now_stands_in_the_form_and_saving_it_changes_nothing(
    signed_in: Client, save: Save, section: RegionSection
) -> None:
    save(FULL)
    preview = post(signed_in, section, form_on(opened(signed_in, section)))
    page = text_of(preview)
    assert preview.status_code == 200
    assert "Nothing changes" in page
    answer = post(signed_in, section, form_on(page), "save")
    assert answer["Location"] == "/region/?because=same"
    assert RegionalContent.objects.count() == 1


@pytest.mark.parametrize("section", RegionSection)
def test_a_form_with_nothing_in_it_empties_the_section(
    signed_in: Client, save: Save, section: RegionSection
) -> None:
    save(FULL)
    page = opened(signed_in, section)
    kept = {"region-version", "region-rows", "csrfmiddlewaretoken"}
    sent = form_on(page)
    empty = {name: text if name in kept else "" for name, text in sent.items()}
    radios = {name: text for name, text in sent.items() if "_device-" in name or "kind-" in name}
    radios |= {name: text for name, text in sent.items() if "supplied_" in name}
    preview = post(signed_in, section, empty | radios)
    assert preview.status_code == 200
    post(signed_in, section, form_on(text_of(preview)), "save")
    assert not any(section.values(newest()).values()) or section.lines(newest()) == {}


def test_users_see_it_before_it_is_saved_and_only_then_it_counts(
    signed_in: Client, desk: int, operator: Membership
) -> None:
    section = RegionSection.SERVICE_DESK
    sent = form_on(opened(signed_in, section), phone="01632960499, option 4")
    page = text_of(post(signed_in, section, sent))
    assert "01632 960 499, option 4</span>" in page  # as in the footer
    assert "01632 960 400" in page  # what it was before
    assert newest().service_desk.phone == "01632 960 400"
    answer = post(signed_in, section, form_on(page), "save")
    assert answer["Location"] == "/region/?because=saved"
    assert newest().service_desk.phone == "01632 960 499, option 4"
    row = versions.newest()
    assert row
    assert row.pk > desk
    assert row.saved_by == operator.user


def test_from_the_preview_a_way_leads_back_with_all_that_was_typed(
    signed_in: Client, save: Save
) -> None:
    save(FULL)
    section = RegionSection.LEGAL
    text = "  First <b>line</b> & more\n\nSecond"
    sent = form_on(opened(signed_in, section), privacy=text, controller="Dr “O'Neil”")
    page = text_of(post(signed_in, section, sent))
    assert "<b>line</b>" not in page
    back = text_of(post(signed_in, section, form_on(page), "back"))
    again = form_on(back)
    assert again["region-privacy"].strip() == text.strip()
    assert again["region-controller"] == "Dr “O'Neil”"
    assert newest() == FULL


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("phone", "0163", "Phone numbers that begin with 01 have 11 digits"),
        ("email", "desk", "Enter an email address"),
        ("website", "http://desk.example", "Enter a website with https://"),
        ("name", "x" * 201, "Name must be 200 characters or fewer"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_stays_there(
    signed_in: Client, save: Save, field: str, typed: str, message: str
) -> None:
    save(FULL)
    section = RegionSection.SERVICE_DESK
    answer = post(signed_in, section, form_on(opened(signed_in, section), **{field: typed}))
    assert answer.status_code == 422
    page = text_of(answer)
    assert page.count(message) == 2  # above, and beside it
    assert f'id="id_region-{field}-error"' in page
    assert form_on(page)[f"region-{field}"] == typed
    assert newest() == FULL


def test_a_desk_that_nobody_can_reach_is_refused(signed_in: Client, desk: int) -> None:
    assert desk
    section = RegionSection.SERVICE_DESK
    answer = post(signed_in, section, form_on(opened(signed_in, section), phone=""))
    assert answer.status_code == 422
    assert "Enter a phone number, an email address or a website" in text_of(answer)


class TestRows:
    """Apps, notices and systems: rows come and go without JavaScript."""

    section = RegionSection.APPS

    def test_a_row_is_added_and_all_that_was_typed_stays(
        self, signed_in: Client, save: Save
    ) -> None:
        save(FULL)
        sent = form_on(opened(signed_in, self.section), name__0="Another", note__1="")
        page = text_of(post(signed_in, self.section, sent, "add"))
        again = form_on(page)
        assert again["region-rows"] == "3"
        assert (again["region-name-0"], again["region-note-1"]) == ("Another", "")
        assert again["region-name-2"] == ""
        assert again["region-own_device-2"] == Approval.NOT_ALLOWED
        assert "There is a problem" not in page

    def test_a_row_is_removed_and_the_others_stay(self, signed_in: Client, save: Save) -> None:
        save(FULL)
        sent = form_on(opened(signed_in, self.section), note__1="Typed")
        page = text_of(post(signed_in, self.section, sent, "remove=1"))
        again = form_on(page)
        assert again["region-rows"] == "1"
        assert (again["region-name-0"], again["region-note-0"]) == ("2FAST", "Typed")
        assert again["region-supplied_desktop-0"] == Approval.SUPPORTED

    def test_the_last_row_is_emptied(self, signed_in: Client) -> None:
        sent = form_on(opened(signed_in, self.section), name__0="Typed")
        again = form_on(text_of(post(signed_in, self.section, sent, "remove=1")))
        assert (again["region-rows"], again["region-name-0"]) == ("1", "")

    def test_enter_presses_continue_and_removes_no_row(self, signed_in: Client) -> None:
        page = opened(signed_in, self.section)
        form = page[page.index('<form method="post" novalidate>') :].partition("<button")[2]
        assert form.startswith(' class="nhsuk-u-visually-hidden" tabindex="-1" aria-hidden="true">')

    def test_there_are_so_many_and_no_more(self, signed_in: Client) -> None:
        sent = form_on(opened(signed_in, self.section)) | {"region-rows": str(MOST_APPS)}
        again = text_of(post(signed_in, self.section, sent, "add"))
        assert form_on(again)["region-rows"] == str(MOST_APPS)
        assert "Add another app" not in again

    @pytest.mark.parametrize("rows", ["", "x", "-1", "9" * 30, "\u0663", "0"])
    @pytest.mark.parametrize("press", ["", "add", "remove=x", "remove=99999999999999", "save"])
    def test_a_number_that_is_none_is_no_error_of_ours(
        self, signed_in: Client, rows: str, press: str
    ) -> None:
        sent = form_on(opened(signed_in, self.section)) | {"region-rows": rows}
        assert post(signed_in, self.section, sent, press).status_code in {200, 302}

    def test_a_mistake_names_its_row_though_an_empty_one_stands_before_it(
        self, signed_in: Client, save: Save
    ) -> None:
        save(FULL)
        sent = form_on(opened(signed_in, self.section), name__0="", note__0="")
        sent |= {"region-supplied_phone-0": "not_allowed", "region-own_device-0": "not_allowed"}
        sent |= {"region-name-1": "", "region-note-1": "A note alone"}
        page = text_of(post(signed_in, self.section, sent))
        assert 'href="#id_region-name-1"' in page
        assert 'href="#id_region-name-0"' not in page

    def test_apps_are_saved_as_they_are_chosen(self, signed_in: Client) -> None:
        sent = form_on(opened(signed_in, self.section), name__0="2FAST")
        sent |= {"region-supplied_desktop-0": "supported"}
        page = text_of(post(signed_in, self.section, sent))
        assert "A computer at work" in page
        post(signed_in, self.section, form_on(page), "save")
        [app] = newest().apps
        assert app.on == {AppDevice.SUPPLIED_DESKTOP: Approval.SUPPORTED}

    def test_a_choice_that_there_is_not_is_refused(self, signed_in: Client) -> None:
        sent = form_on(opened(signed_in, self.section), name__0="2FAST")
        answer = post(signed_in, self.section, sent | {"region-own_device-0": "everywhere"})
        assert answer.status_code == 422
        assert "Choose one for app 1" in text_of(answer)


class TestNotices:
    """Dates and times as people type them, in London's time."""

    section = RegionSection.NOTICES

    def sent(self, client: Client, **typed: str) -> dict[str, str]:
        usual = {"title": "Slow", "starts_day": "", "starts_time": "", "ends_day": ""}
        typed = {f"{name}__0": text for name, text in (usual | typed).items()}
        return form_on(opened(client, self.section), **typed)

    def saved(self, client: Client, **typed: str) -> Any:
        page = text_of(post(client, self.section, self.sent(client, **typed)))
        assert "There is a problem" not in page, page
        post(client, self.section, form_on(page), "save")
        [notice] = newest().notices
        return notice

    def test_with_nothing_typed_it_is_shown_at_once_and_until_it_is_removed(
        self, signed_in: Client
    ) -> None:
        before = timezone.now() - timedelta(minutes=1)
        notice = self.saved(signed_in)
        assert before <= notice.starts_at <= timezone.now()
        assert notice.ends_at is None
        assert notice.kind is NoticeKind.PROBLEM

    def test_a_whole_date_in_one_box_and_a_time_are_understood(self, signed_in: Client) -> None:
        notice = self.saved(
            signed_in,
            starts_day="1 July 2026",
            starts_time="6pm",
            ends_day="3",
            ends_month="Jul",
            ends_year="2026",
        )
        assert notice.starts_at == datetime(2026, 7, 1, 18, tzinfo=LONDON)
        assert notice.ends_at == datetime(2026, 7, 3, 23, 59, tzinfo=LONDON)

    def test_a_notice_that_is_there_stays_as_it_is(self, signed_in: Client, save: Save) -> None:
        save(FULL)
        page = opened(signed_in, self.section)
        shown = form_on(page)
        assert (shown["region-starts_day-0"], shown["region-starts_time-0"]) == ("1", "18:00")
        page = text_of(post(signed_in, self.section, form_on(page, title__0="Off on Monday")))
        post(signed_in, self.section, form_on(page), "save")
        assert newest().notices == (structs.replace(NOTICE, title="Off on Monday"),)

    @pytest.mark.parametrize(
        ("typed", "field", "message"),
        [
            ({"starts_day": "31/2/2027"}, "starts_day", "February 2027 has 28 days"),
            ({"starts_day": "1/7/2026", "starts_time": "9"}, "starts_time", "9am or 9pm"),
            ({"ends_time": "soon", "ends_day": "1/7/2026"}, "ends_time", "Enter a time"),
            ({"ends_time": "6pm"}, "ends_day", "Enter the day on which notice 1 ends"),
            ({"ends_day": "1", "ends_month": "7"}, "ends_year", "must include a year"),
            (
                {"starts_day": "2/7/2026", "ends_day": "1/7/2026"},
                "ends_day",
                "Notice 1 must end after it begins",
            ),
            ({"starts_day": "1/1/2500"}, "starts_day", "Enter a year from 2020"),
            ({"title": "", "text": "Text alone"}, "title", "Enter the title of notice 1"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_what_is_wrong_is_said_where_it_is(
        self, signed_in: Client, typed: dict[str, str], field: str, message: str
    ) -> None:
        answer = post(signed_in, self.section, self.sent(signed_in, **typed))
        assert answer.status_code == 422
        page = unescape(text_of(answer))
        assert page.count(message) == 2
        assert page.count('-error"><span') == 1
        assert f'href="#id_region-{field}-0"' in page

    def test_of_two_wrong_dates_each_has_its_own_boxes_marked(self, signed_in: Client) -> None:
        sent = self.sent(signed_in, starts_day="31/2/2027", ends_day="x")
        page = text_of(post(signed_in, self.section, sent))
        marked = [part for part in page.split("<input")[1:] if "nhsuk-input--error" in part]
        assert len(marked) == 2


class TestMeanwhile:
    """Another operator saves the same section while a form is open."""

    section = RegionSection.SERVICE_DESK

    @pytest.fixture
    def typed(self, signed_in: Client, save: Save) -> dict[str, str]:
        save(FULL)
        return form_on(opened(signed_in, self.section), phone="01632 960 411")

    @pytest.fixture(autouse=True)
    def _theirs(self, typed: dict[str, str]) -> None:
        assert typed
        other = factories.member(role=Role.OPERATOR)
        other.user.given_name, other.user.family_name = "Tom", "Beck"
        other.user.save()
        theirs = Region(service_desk=structs.replace(DESK, phone="01632 960 422"))
        actor = acting(other, now=timezone.now())
        versions.change(self.section, theirs, int(typed["region-version"]), actor)

    @pytest.mark.parametrize("press", ["", "save"])
    def test_both_are_shown_and_what_was_typed_stays(
        self, signed_in: Client, typed: dict[str, str], press: str
    ) -> None:
        answer = post(signed_in, self.section, typed, press)
        assert answer.status_code == 422
        page = text_of(answer)
        assert "Tom Beck changed it at" in page
        assert "01632 960 422" in page
        assert form_on(page)["region-phone"] == "01632 960 411"
        assert newest().service_desk.phone == "01632 960 422"

    def test_who_has_seen_it_may_save_theirs_after_all(
        self, signed_in: Client, typed: dict[str, str]
    ) -> None:
        page = text_of(post(signed_in, self.section, typed, "save"))
        preview = text_of(post(signed_in, self.section, form_on(page)))
        answer = post(signed_in, self.section, form_on(preview), "save")
        assert answer["Location"] == "/region/?because=saved"
        assert newest().service_desk.phone == "01632 960 411"

    def test_another_section_is_in_nobodys_way(self, signed_in: Client) -> None:
        section = RegionSection.ADMINISTRATOR
        before = versions.newest()
        assert before
        sent = form_on(opened(signed_in, section), administrator_helps_with="All.")
        sent["region-version"] = str(before.pk - 1)
        assert post(signed_in, section, sent, "save")["Location"] == "/region/?because=saved"
        assert newest().service_desk.phone == "01632 960 422"


def test_a_form_that_took_long_is_taken_for_an_hour(signed_in: Client, save: Save) -> None:
    save(FULL)
    section = RegionSection.SERVICE_DESK
    sent = form_on(opened(signed_in, section), hours="Always")
    Session.objects.update(confirmed_at=timezone.now() - timedelta(minutes=50))
    assert post(signed_in, section, sent).status_code == 200


def test_a_form_that_comes_after_the_session_is_found_again(signed_in: Client, save: Save) -> None:
    save(FULL)
    section = RegionSection.SERVICE_DESK
    sent = form_on(opened(signed_in, section), hours="Always")
    Session.objects.update(last_seen_at=timezone.now() - timedelta(minutes=20))
    back = post(signed_in, section, sent)
    assert back["Location"].startswith("/unlock/?next=")
    Session.objects.update(last_seen_at=timezone.now(), confirmed_at=timezone.now())
    then = unescape(text_of(signed_in.get(back["Location"], follow=True)))
    assert form_on(then).get("region-hours") == "Always"


@pytest.mark.parametrize("section", RegionSection)
def test_a_form_of_nothing_at_all_is_no_error_of_ours(
    signed_in: Client, section: RegionSection
) -> None:
    for press in ("", "save", "back", "add", "remove=1"):
        assert post(signed_in, section, {}, press).status_code in {200, 302, 422}


@pytest.mark.parametrize("section", RegionSection)
def test_what_a_page_asks_the_database_does_not_grow_with_versions(
    signed_in: Client, save: Save, section: RegionSection, django_assert_num_queries: Any
) -> None:
    for name in ("a", "b", "c"):
        save(structs.replace(FULL, name=name))
    with django_assert_num_queries(2):  # the session, and the newest version
        signed_in.get(address(section))


def test_a_line_end_counts_as_one_character(signed_in: Client) -> None:
    sent = form_on(opened(signed_in, RegionSection.LEGAL))
    sent["region-privacy"] = "word word\r\n" * 200  # 10 characters each, as the page counts them
    page = text_of(post(signed_in, RegionSection.LEGAL, sent))
    assert 'name="save"' in page  # the preview
    sent["region-privacy"] += "1234"
    assert "must be 2000 characters or fewer" in text_of(post(signed_in, RegionSection.LEGAL, sent))
