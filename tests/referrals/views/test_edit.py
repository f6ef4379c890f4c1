"""The form: nothing typed is lost, nothing wrong is taken, and nobody sees another's."""

import re
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import errors
from accounts.models.people import Membership
from referrals import drafts
from referrals.details import Details
from referrals.forms import as_form_data
from referrals.imports import locate_pharmacies
from referrals.models.pharmacies import FullToday, Pharmacy
from referrals.models.postcodes import Postcode
from referrals.models.referrals import Referral
from tests import factories
from tests.pages import text_of, would_send

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(client: Client) -> Membership:
    membership = factories.member()
    factories.sign_in(client, membership.user)
    return membership


@pytest.fixture
def address() -> str:
    return f"/referrals/{uuid.uuid4()}/edit/"


def typed(**changes: str) -> dict[str, str]:
    whole = as_form_data(factories.details(pharmacy=factories.pharmacy().ods_code)) | changes
    found_by_us = {"content_pack", "reason", "answers"}
    return {name: text for name, text in whole.items() if text and name not in found_by_us}


@pytest.mark.usefixtures("by")
def test_a_new_one_has_an_address_of_its_own(client: Client) -> None:
    first, second = (client.get("/referrals/new/")["Location"] for _ in range(2))
    assert first != second
    page = text_of(client.get(first))
    assert "<title>New referral – PharmRefer</title>" in page
    assert "Clinical content: 2026.1, not clinically signed off." in page
    assert "There is a problem" not in page
    assert not Referral.objects.exists()  # until something is written


def test_what_is_complete_is_kept_and_then_checked(
    client: Client, by: Membership, address: str
) -> None:
    response = client.post(address, typed())
    referral = Referral.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/referrals/{referral.pk}/send/")
    assert str(referral.pk) in address
    assert referral.details.family_name == "Ashworth"
    assert (referral.author, referral.practice) == (by.user, by.practice)


@pytest.mark.usefixtures("by")
def test_the_keyboard_begins_in_the_first_question_only_as_long_as_it_is_not_answered(
    client: Client, address: str
) -> None:
    """A browser that goes back to a page scrolls to where the user was."""
    assert text_of(client.get(address)).count(" autofocus") == 1
    client.post(address, typed(q_emergency="none", nhs_number="1"))
    assert " autofocus" not in text_of(client.get(address))


@pytest.mark.parametrize(
    ("pathway", "shown"),
    [("", set()), ("sore_throat", {"sore_throat"}), ("minor_illness", {"minor_illness"})],
)
@pytest.mark.usefixtures("by")
def test_without_javascript_too_only_what_belongs_to_the_chosen_condition_is_shown(
    client: Client, address: str, pathway: str, shown: set[str]
) -> None:
    page = text_of(client.post(address, {"pathway": pathway, "ask": "yes"}))
    belongs = r'class="app-belongs" data-shown-for="pathway=(\w+)[^"]*"( hidden)?>'
    found = dict(re.findall(belongs, page))
    assert "minor_illness" in found
    assert {value for value, hidden in found.items() if not hidden} == shown


@pytest.mark.usefixtures("by")
def test_a_mistake_is_said_and_nothing_typed_is_lost(client: Client, address: str) -> None:
    answers = typed(nhs_number="999 000 0081", complaint="</textarea><b>Ache & pain</b>")
    response = client.post(address, answers)
    assert response.status_code == 422
    page = text_of(response)
    assert "<title>Error: New referral" in page
    assert page.count("The NHS number is not right. Check it against the record") == 2
    assert '<a href="#id_nhs_number">' in page
    for name in ("nhs_number", "given_name", "family_name", "birth_year", "town", "phone"):
        assert f'value="{answers[name]}"' in page
    assert "&lt;/textarea&gt;&lt;b&gt;Ache &amp; pain" in page
    for choice in ("female", "self", "sore_throat", answers["pharmacy"]):
        assert re.search(f'value="{choice}"[^>]* checked>', page)
    kept = Referral.objects.get()
    assert not kept.is_complete
    assert kept.details.nhs_number == "999 000 0081"


@pytest.mark.usefixtures("by")
def test_what_is_wrong_is_summed_up_in_the_page_s_order_and_each_link_leads_there(
    client: Client, address: str
) -> None:
    page = text_of(client.post(address, {"spoken_to": "parent", "pathway": "minor_illness"}))
    links = re.findall(r'<li><a href="#(\w+)">', page)
    ids = re.findall(r' id="(\w+)"', page)
    assert links == sorted(links, key=ids.index)
    assert links == [
        f"id_{name}"
        for name in (
            *("q_emergency", "given_name", "family_name", "birth_day", "sex", "postcode"),
            *("address_line_1", "town", "contact_name", "phone", "phone_owner"),
            *("symptom_group", "complaint", "duration", "pharmacy", "consent"),
        )
    ]


@pytest.mark.parametrize(
    ("boxes", "link", "marked"),
    [
        (("5", "3", "84"), "birth_year", ["birth_year"]),
        (("5", "junk", "1984"), "birth_month", ["birth_month"]),
        (("31", "2", "1984"), "birth_day", ["birth_day"]),
        (("5", "", ""), "birth_month", ["birth_month", "birth_year"]),
        (("", "", ""), "birth_day", ["birth_day", "birth_month", "birth_year"]),
        (("5/3/84", "", ""), "birth_year", ["birth_year"]),
        (("5", "3", "2999"), "birth_year", ["birth_year"]),
        (("5", "3", "1" * 41), "birth_year", ["birth_year"]),
    ],
)
@pytest.mark.usefixtures("by")
def test_of_a_date_only_the_wrong_box_is_marked_and_linked_to(
    client: Client, address: str, boxes: tuple[str, ...], link: str, marked: list[str]
) -> None:
    names = ("birth_day", "birth_month", "birth_year")
    page = text_of(client.post(address, typed() | dict(zip(names, boxes, strict=True))))
    assert re.findall(r'<li><a href="#id_(birth_\w+)">', page) == [link]
    inputs = [re.findall(rf'<input[^>]* id="id_{name}"[^>]*>', page)[0] for name in names]
    for sign in ('aria-invalid="true"', "nhsuk-input--error", 'describedby="id_birth_day-error"'):
        assert [name for name, box in zip(names, inputs, strict=True) if sign in box] == marked


@pytest.mark.usefixtures("by")
def test_a_whole_date_in_the_first_box_stands_in_three_afterwards(
    client: Client, address: str
) -> None:
    pasted = {"birth_day": "15 Mar 1984", "birth_month": "", "birth_year": "", "phone": ""}
    page = text_of(client.post(address, typed() | pasted))
    sent = would_send(page)
    assert [sent[f"birth_{part}"] for part in ("day", "month", "year")] == ["15", "mar", "1984"]
    another = f"/referrals/{uuid.uuid4()}/edit/"
    client.post(another, typed() | pasted | {"phone": "07700 900982"})
    assert Referral.objects.get(is_complete=True).details.birth_date == date(1984, 3, 15)


@pytest.mark.usefixtures("by")
def test_a_number_is_shown_as_people_write_it_when_the_draft_is_opened_again(
    client: Client, address: str
) -> None:
    client.post(address, typed(phone="+44 (0)1632 960001 ext 12"))
    assert Referral.objects.get().details.phone == "+441632960001;ext=12"
    assert would_send(text_of(client.get(address)))["phone"] == "01632 960 001 ext. 12"


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"given_name": "x" * 100_000},
        {"given_name": "\x00\x01\ud800"},
        {"birth_day": "9" * 10, "birth_month": "-1", "birth_year": "0000"},
        {"pharmacy": "'; DROP TABLE referrals_pharmacy; --"},
        {"search": "%_\\'\x00" * 50, "find": "yes"},
        {"nhs_number": "٣" * 10},
        {"consent": "no"},
        {"symptom_group": "<script>", "pathway": "minor_illness"},
    ],
)
@pytest.mark.usefixtures("by")
def test_bad_input_gets_words_and_never_an_error(
    client: Client, address: str, answers: dict[str, str]
) -> None:
    encoded = {name: [text.encode("utf-8", "surrogatepass")] for name, text in answers.items()}
    response = client.post(address, encoded)
    assert response.status_code in {200, 422}
    assert "<script>" not in text_of(response)


class TestFinding:
    """A pharmacy by name or postcode, with the button and while typing."""

    @pytest.fixture(autouse=True)
    def _pharmacies(self) -> None:
        for number in range(25):
            factories.pharmacy(name=f"Green Cross {number:02}", postcode="EX1 1AA")
        factories.pharmacy(
            name="Nightingale's Pharmacy",
            postcode="EX2 2BB",
            ods_code="QN001",
            address="3 Mill Lane, Saltby",
        )
        factories.pharmacy(name="Hidden Cross", endpoint="")

    @pytest.mark.usefixtures("by")
    def test_the_button_loses_nothing_and_complains_of_nothing(
        self, client: Client, address: str
    ) -> None:
        answers = {"find": "yes", "search": "nightingales", "given_name": "Winifred"}
        response = client.post(address, answers)
        assert response.status_code == 200
        page = text_of(response)
        assert "1 pharmacy for “nightingales”." in page
        assert 'value="QN001"' in page
        assert 'value="Winifred"' in page
        assert "There is a problem" not in page
        assert Referral.objects.get().details == Details(given_name="Winifred")

    @pytest.mark.parametrize("has_draft", [False, True])
    def test_not_one_answer_is_lost_while_searching(
        self, client: Client, by: Membership, address: str, has_draft: bool
    ) -> None:
        if has_draft:
            address = f"/referrals/{factories.draft(by=by, town='Saltby').pk}/edit/"
        answers = typed(
            spoken_to="parent",
            contact_name="Ann Ashworth",
            address_line_2="Flat 2",
            pathway="minor_illness",
            symptom_group="Cough",
        )
        page = text_of(client.post(address, answers | {"find": "yes", "search": "green"}))
        assert answers.items() <= would_send(page).items()

    @pytest.mark.usefixtures("by")
    def test_what_was_searched_for_stays_after_a_mistake(
        self, client: Client, address: str
    ) -> None:
        answers = typed(nhs_number="1", search="mill lane", searched="mill lane")
        response = client.post(address, answers)
        assert response.status_code == 422
        assert would_send(text_of(response))["search"] == "mill lane"

    def test_a_search_that_nobody_has_seen_the_answer_to_comes_before_going_on(
        self, client: Client, by: Membership, address: str
    ) -> None:
        """As Enter in its box does where there is no JavaScript."""
        answers = typed() | {"search": "nightingales", "searched": ""}
        response = client.post(address, answers)
        assert response.status_code == 200
        assert "1 pharmacy for “nightingales”." in text_of(response)
        assert not Referral.objects.get(author=by.user).is_complete
        again = clean(would_send(text_of(response))) | {"searched": "nightingales"}
        assert client.post(address, again).status_code == 302

    @pytest.mark.parametrize(
        ("search", "count"),
        [
            ("NIGHTINGALE", 1),
            ("nightingale’s", 1),
            ("pharmacy night", 1),
            ("ex22bb", 1),
            ("mill lane", 1),
            ("EX2 2", 1),
            ("green 07", 1),
            ("hidden", 0),
            ("zzz", 0),
            ("%", 0),
        ],
    )
    @pytest.mark.usefixtures("by")
    def test_it_finds_by_words_and_postcode(self, client: Client, search: str, count: int) -> None:
        response = client.post("/referrals/pharmacies/", {"search": search})
        page = response.content.decode()
        if count:
            assert f"{count} pharmacy for" in page
        else:
            assert "No pharmacies found for" in page

    @pytest.mark.usefixtures("by")
    def test_it_says_so_when_none_is_near(self, client: Client) -> None:
        points = {
            "WM12AB": (430_000, 510_000),
            "EX22BB": (290_000, 90_000),
            "EX11AA": (290_000, 91_609),
        }
        Postcode.objects.bulk_create(
            Postcode(code=code, easting=east, northing=north)
            for code, (east, north) in points.items()
        )
        factories.pharmacy(name="Green Corner", postcode="WM1 2AB")
        locate_pharmacies()

        def said(search: str) -> str:
            page = client.post("/referrals/pharmacies/", {"search": search}).content.decode()
            return " ".join(page[: page.index("</p>")].removeprefix("<p data-found>").split())

        assert said("nightingales") == "1 pharmacy for “nightingales”. It is 275 miles away."
        assert said("green cross") == (
            "The first 20 pharmacies for “green cross”. Type more to see fewer. "
            "None of these is within 25 miles: the nearest is 274 miles away."
        )
        assert said("green corner") == "1 pharmacy for “green corner”."

    @pytest.mark.usefixtures("by")
    def test_too_many_are_cut_off_and_it_says_so(self, client: Client) -> None:
        page = client.post("/referrals/pharmacies/", {"search": "green"}).content.decode()
        assert "The first 20 pharmacies for “green”. Type more to see fewer." in page
        assert page.count('type="radio"') == 20

    @pytest.mark.usefixtures("by")
    def test_those_that_are_cut_off_can_be_shown_with_what_was_typed_kept(
        self, client: Client
    ) -> None:
        for _ in range(25):
            factories.pharmacy(name="Green Extra", postcode="EX1 1AA")
        page = client.post("/referrals/pharmacies/", {"search": "green"}).content.decode()
        count = Pharmacy.objects.offered().matching("green").count()
        assert f"20 of {count} are shown." in page
        assert 'name="find" value="40" formaction="?typed#pharmacy-picker"' in page
        typed = {"search": "green", "searched": "green", "given_name": "Winifred"}
        page = text_of(client.post(f"/referrals/{uuid.uuid4()}/edit/", typed | {"find": "40"}))
        assert len(re.findall('name="pharmacy" type="radio"', page)) == 40
        assert 'value="Winifred"' in page
        page = text_of(client.post(f"/referrals/{uuid.uuid4()}/edit/", typed | {"find": "60"}))
        assert len(re.findall('name="pharmacy" type="radio"', page)) == count
        assert "are shown" not in page

    @pytest.mark.usefixtures("by")
    @pytest.mark.parametrize("asked", ["yes", "", "0", "-1", "x", "9999", "²", "\x00"])
    def test_odd_numbers_of_them_are_the_usual_one(self, client: Client, asked: str) -> None:
        answer = client.post("/referrals/pharmacies/", {"search": "green", "find": asked})
        assert answer.content.decode().count('type="radio"') == 20

    @pytest.mark.usefixtures("by")
    def test_the_chosen_one_stays_among_them(self, client: Client) -> None:
        answer = client.post("/referrals/pharmacies/", {"search": "green", "pharmacy": "QN001"})
        page = answer.content.decode()
        assert page.count('value="QN001"') == 1
        assert page.count(" checked>") == 1

    @pytest.mark.usefixtures("by")
    def test_an_id_stands_once_whatever_is_found(self, client: Client) -> None:
        for postcode in ("WM1 1AA", "WM1 2AA"):
            factories.pharmacy(name=f"Near {postcode}", postcode=postcode)
        for search in ("", "near", "green", "zzz"):
            answer = client.post("/referrals/pharmacies/", {"search": search, "pharmacy": "QN001"})
            page = answer.content.decode()
            ids = [part.split('"')[0] for part in page.split(' id="')[1:]]
            assert len(ids) == len(set(ids))
            assert 'id="id_pharmacy"' in page  # where the link of an error leads


class TestUsualPharmacies:
    """The few radio buttons that are there before anybody searches."""

    def names(self, client: Client) -> list[str]:
        page = client.post("/referrals/pharmacies/", {}).content.decode()
        return [part.split("<")[0] for part in page.split('radios__label" for="')[1:]]

    def test_what_the_practice_uses_comes_first_then_near_ones(
        self, client: Client, by: Membership
    ) -> None:
        now = timezone.now()
        far, older = (
            factories.pharmacy(name=name, postcode="EX1 1AA") for name in ("Far", "Older")
        )
        near, *_ = [
            factories.pharmacy(name=f"Near {number}", postcode="WM1 9ZZ") for number in range(5)
        ]
        factories.pharmacy(name="Elsewhere", postcode="WM10 1AA")
        factories.sent(by=by, to=near, at=now - timedelta(days=30))  # both near and used: once
        for days in (9, 10, 11):
            factories.sent(by=by, to=older, at=now - timedelta(days=days))
        factories.sent(by=by, to=far, at=now - timedelta(days=1))
        factories.sent(by=by, to=far, at=now - timedelta(days=2))
        factories.sent(to=factories.pharmacy(name="Another practice's", postcode="EX1 1AA"))
        found = [name.split('">')[1] for name in self.names(client)]
        assert found == ["Far", "Older", "Near 0", "Near 1", "Near 2"]

    def test_one_that_takes_no_more_is_gone(self, client: Client, by: Membership) -> None:
        factories.sent(by=by, to=factories.pharmacy(name="Gone", postcode="EX1 1AA"))
        Pharmacy.objects.update(offers_pharmacy_first=False)
        assert self.names(client) == []


class TestWhenTheyTakeReferrals:
    """What the radio buttons say of hours, distances and pharmacies that take nothing now."""

    @pytest.fixture(autouse=True)
    def _points(self) -> None:
        for code, east in (("WM12AB", 430_000), ("WM13DE", 430_483), ("TS181AB", 433_219)):
            Postcode.objects.create(code=code, easting=east, northing=510_000)

    def answer(self, client: Client, **typed: str) -> str:
        return client.post("/referrals/pharmacies/", typed).content.decode()

    @pytest.mark.usefixtures("by")
    def test_distance_hours_and_phone_stand_beside_each(self, client: Client) -> None:
        factories.pharmacy(opening_hours="24/7")
        locate_pharmacies()
        phone = "01632\N{NO-BREAK SPACE}960\N{NO-BREAK SPACE}201"
        line = f"Open now, 24 hours a day. 4 Well Street, Westmere, WM1 3DE. {phone}"
        near_the_practice, near_the_patient = (
            self.answer(client, postcode=postcode) for postcode in ("", "ts18 1ab")
        )
        assert f"0.3 miles. {line}" in near_the_practice
        assert "then the nearest to the practice, in a straight line" in near_the_practice
        assert f"1.7 miles. {line}" in near_the_patient
        assert "then the nearest to the patient&#39;s postcode, in" in near_the_patient
        assert "the nearest to the practice, in" in self.answer(client, postcode="AB10 1XG")

    def test_one_that_is_closed_or_full_says_so_and_cannot_be_chosen(
        self, client: Client, by: Membership
    ) -> None:
        closed = factories.pharmacy(name="Beacon Chemist", opening_hours="off")
        full = factories.pharmacy(name="Harbour Chemist")
        assert by.practice
        FullToday.objects.create(practice=by.practice, pharmacy=full, on=timezone.localdate())
        assert "Beacon" not in self.answer(client)
        for search, why in (("beacon", "Closed"), ("harbour", "Full today")):
            page = self.answer(client, search=search)
            assert "1 pharmacy for" in page
            assert f"{why}." in page
            assert 'type="radio"' not in page
        for code in (closed.ods_code, full.ods_code):
            page = self.answer(client, pharmacy=code)
            assert "Not now" in page
            assert f'value="{code}"' not in page

    @pytest.mark.usefixtures("by")
    def test_one_that_is_found_and_usual_is_chosen_once(self, client: Client) -> None:
        code = factories.pharmacy().ods_code
        page = self.answer(client, search="well", pharmacy=code)
        assert page.count(f'value="{code}"') == 2
        assert page.count(" checked>") == 1
        assert page.index(" checked>") < page.index('data-list="pharmacies"')

    @pytest.mark.usefixtures("by")
    @pytest.mark.parametrize("postcode", ["\x00", "x" * 5000, "é", "TS18 9ZZ", "' OR 1=1"])
    def test_odd_postcodes_are_none(self, client: Client, postcode: str) -> None:
        factories.pharmacy()
        locate_pharmacies()
        assert "0.3 miles." in self.answer(client, postcode=postcode)

    @pytest.mark.usefixtures("by")
    def test_usual_ones_stand_before_the_search(self, client: Client, address: str) -> None:
        factories.pharmacy()
        page = text_of(client.get(address))
        assert page.index('id="id_pharmacy"') < page.index('id="search"')
        assert page.index('id="search"') < page.index('id="search-said"')


class TestIncomplete:
    """What was only begun is shown as it was left."""

    @pytest.mark.usefixtures("by")
    def test_it_is_opened_again_without_complaints(self, client: Client, address: str) -> None:
        answers = {"nhs_number": "999", "birth_year": "19", "sex": "female", "consent": "yes"}
        assert client.post(address, answers).status_code == 422
        response = client.get(address)
        assert response.status_code == 200
        page = text_of(response)
        assert answers.items() <= would_send(page).items()
        assert "There is a problem" not in page
        assert "aria-invalid" not in page
        assert "Draft saved at " in page

    @pytest.mark.usefixtures("by")
    def test_what_is_too_long_can_be_shortened_where_it_was_typed(
        self, client: Client, address: str
    ) -> None:
        client.post(address, {"complaint": "y" * 1500})
        assert would_send(text_of(client.get(address)))["complaint"] == "y" * 1500

    @pytest.mark.usefixtures("by")
    def test_nothing_typed_makes_no_draft(self, client: Client, address: str) -> None:
        client.post(address, {"consent": "", "find": "yes", "search": "well"})
        client.post(address, {})
        assert not Referral.objects.exists()

    def test_continue_after_another_window_is_told_once_and_wins_then(
        self, client: Client, by: Membership
    ) -> None:
        draft = factories.draft(by=by)
        address = f"/referrals/{draft.pk}/edit/"
        here = would_send(text_of(client.get(address)))
        there = would_send(text_of(client.get(address)))
        client.post(address, clean(there) | {"town": "Eastmere"})
        response = client.post(address, clean(here) | {"town": "Saltby"})
        assert response.status_code == 422
        page = text_of(response)
        assert "This referral was changed in another window at " in page
        assert "View the saved version (opens in a new tab)" in page
        assert would_send(page)["town"] == "Saltby"
        assert Referral.objects.get().details.town == "Eastmere"
        response = client.post(address, clean(would_send(page)))
        assert response["Location"] == f"/referrals/{draft.pk}/send/"
        assert Referral.objects.get().details.town == "Saltby"

    def test_one_that_was_deleted_is_kept_by_continuing_again(
        self, client: Client, by: Membership
    ) -> None:
        draft = factories.draft(by=by)
        address = f"/referrals/{draft.pk}/edit/"
        here = would_send(text_of(client.get(address)))
        Referral.objects.all().delete()
        page = text_of(client.post(address, clean(here)))
        assert "This referral was deleted in another window." in page
        assert client.post(address, clean(would_send(page))).status_code == 302
        assert Referral.objects.get().is_complete


def clean(sent: dict[str | None, str | None]) -> dict[str, str]:
    """Return a form as the test's browser takes it."""
    return {name: text or "" for name, text in sent.items() if name}


class TestWhose:
    def test_its_author_finds_a_draft_as_it_was(self, client: Client, by: Membership) -> None:
        draft = factories.draft(by=by)
        page = text_of(client.get(f"/referrals/{draft.pk}/edit/"))
        assert 'value="Ashworth"' in page
        assert "There is a problem" not in page

    def test_the_pharmacy_of_a_draft_is_chosen_wherever_it_is(
        self, client: Client, by: Membership
    ) -> None:
        draft = factories.draft(by=by, to=factories.pharmacy(postcode="EX1 1AA"))
        page = text_of(client.get(f"/referrals/{draft.pk}/edit/"))
        assert would_send(page)["pharmacy"] == draft.details.pharmacy

    def test_a_draft_whose_pharmacy_is_gone_says_so_at_once(
        self, client: Client, by: Membership
    ) -> None:
        draft = factories.draft(by=by)
        Pharmacy.objects.update(endpoint="")
        response = client.get(f"/referrals/{draft.pk}/edit/")
        assert response.status_code == 422
        assert text_of(response).count("That pharmacy is not accepting referrals") == 2

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_anybody_elses_is_not_there(self, client: Client, by: Membership, method: str) -> None:
        colleague = factories.member(at=by.practice)
        form = typed() if method == "post" else {}
        for draft in (factories.draft(), factories.draft(by=colleague)):
            response = getattr(client, method)(f"/referrals/{draft.pk}/edit/", form)
            assert response.status_code == 404
            assert "Ashworth" not in response.content.decode()
        assert {each.version for each in Referral.objects.all()} == {1}

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_what_was_sent_leads_to_where_it_is(
        self, client: Client, by: Membership, method: str
    ) -> None:
        sent = factories.sent(by=by)
        response = getattr(client, method)(f"/referrals/{sent.pk}/edit/", typed(town="Saltby"))
        told = "?because=changed" if method == "post" else ""
        assert response["Location"] == f"/referrals/{sent.pk}/{told}"
        assert Referral.objects.get().details.town == "Westmere"
        words = "What you changed after that was not sent"
        assert (words in text_of(client.get(response["Location"]))) is (method == "post")


@pytest.mark.usefixtures("by")
def test_what_was_sent_a_moment_ago_leads_to_where_it_is(
    client: Client, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deny(*_: Any, **__: Any) -> None:
        raise errors.Denied("sent")

    monkeypatch.setattr(drafts, "save", deny)
    there = f"{address.removesuffix('edit/')}?because=changed"
    assert client.post(address, typed())["Location"] == there


def test_the_number_of_queries_does_not_grow(
    client: Client, by: Membership, address: str, django_assert_num_queries: Any
) -> None:
    for few_or_many in (1, 30):
        for _ in range(few_or_many):
            factories.pharmacy()
        factories.sent(by=by, to=Pharmacy.objects.first())
        with django_assert_num_queries(4):  # session, draft, pack, pharmacies
            client.get(address)
        # And the search, and of more than it shows how many there are.
        with django_assert_num_queries(5 if few_or_many == 1 else 6):
            client.post(address, {"find": "yes", "search": "well"})
        answers = typed()
        with django_assert_num_queries(5 + 5):  # and savepoint, lock, row, that it was changed
            client.post(address, answers)
        Referral.objects.filter(state="draft").delete()


def test_no_row_is_asked_for_twice(
    client: Client, by: Membership, django_assert_num_queries: Any
) -> None:
    draft = factories.draft(by=by, to=factories.pharmacy(postcode="ZZ99 9ZZ"))
    address = f"/referrals/{draft.pk}/edit/"
    with django_assert_num_queries(5):  # session, draft, pack, its pharmacy, those to choose from
        assert client.get(address).status_code == 200
    # And where it is saved: savepoint, locked, changed, noted, released.
    with django_assert_num_queries(10):
        sent = {"pharmacy": draft.details.pharmacy, "version": "1"}
        assert client.post(address, sent).status_code == 422
