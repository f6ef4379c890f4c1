"""The questions of the page of a referral: an answer says nothing of what was not shown with it."""

import uuid
from datetime import timedelta
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import msgspec
import pytest
from django.test import Client
from django.utils import timezone

from accounts.models.people import Membership
from accounts.roles import Role
from referrals import content_packs
from referrals.clinical.packs import Action, Group, Item, Pathway
from referrals.forms import as_form_data
from referrals.models.referrals import Referral
from referrals.states import State
from tests import factories
from tests.clinical_content import FIRST
from tests.factories import acting
from tests.pages import text_of, would_send

pytestmark = pytest.mark.django_db
NEW = Item(code="new_flag", ask="the new red flag", action=Action.CALL_999)


@pytest.fixture
def by(client: Client) -> Membership:
    membership = factories.member()
    factories.sign_in(client, membership.user)
    return membership


def with_new(group: Group, code: str) -> Group:
    more = (*group.items, NEW) if group.code == code else group.items
    return msgspec.structs.replace(group, items=more)


def make_new_pack_live(code: str) -> None:
    """Ask one red flag more in a group that there was before."""
    now, today = timezone.now(), timezone.localdate()

    def asking_more(each: Pathway) -> Pathway:
        groups = tuple(with_new(group, code) for group in each.groups)
        return msgspec.structs.replace(each, groups=groups)

    pack = msgspec.structs.replace(
        FIRST,
        version="2026.2",
        starts_on=today,
        ends_on=today + timedelta(days=9),
        emergency=with_new(FIRST.emergency, code),
        pathways=tuple(asking_more(each) for each in FIRST.pathways),
    )
    loader, confirmer = factories.member(role=Role.OPERATOR), factories.member(role=Role.OPERATOR)
    row = content_packs.load(pack, loader.user, acting(loader, now=now))
    content_packs.confirm(row.pk, acting(confirmer, now=now))


def shown_in(page: str) -> dict[str, str]:
    return {name: text for name, text in would_send(page).items() if name and text}


def shown_at(client: Client, address: str) -> dict[str, str]:
    return shown_in(text_of(client.get(address)))


def whole(**changes: str) -> dict[str, Any]:
    to = factories.pharmacy().ods_code
    written = as_form_data(factories.details(pharmacy=to, answers={})) | changes
    return {name: text for name, text in written.items() if isinstance(text, str) and text}


GROUPS = ["sore_throat_red_flags", "emergency"]
NONE = {f"q_{code}": "none" for code in GROUPS}


@pytest.mark.usefixtures("by")
@pytest.mark.parametrize("code", GROUPS)
def test_what_a_new_pack_asks_is_asked_where_the_page_was_open(client: Client, code: str) -> None:
    address = f"/referrals/{uuid.uuid4()}/edit/"
    typed = shown_at(client, address) | whole() | NONE  # a page of 2026.1
    make_new_pack_live(code)
    response = client.post(address, typed)
    assert response.status_code == 422
    page = text_of(response)
    assert page.count("Answer again: “the new red flag” is new here") == 2
    assert Referral.objects.get().state == State.DRAFT
    # Nothing is selected there, and what is sent next was shown.
    again = shown_in(page)
    assert f"q_{code}" not in again
    assert again[f"shown_{code}"].endswith(" new_flag")
    assert client.post(address, again).status_code == 422
    response = client.post(address, again | {f"q_{code}": "none"})
    assert response["Location"].endswith("/send/")


@pytest.mark.parametrize("code", GROUPS)
def test_what_a_new_pack_asks_is_asked_of_older_drafts(
    client: Client, by: Membership, code: str
) -> None:
    draft = factories.draft(by=by)
    make_new_pack_live(code)
    response = client.get(f"/referrals/{draft.pk}/send/")
    assert response["Location"] == f"/referrals/{draft.pk}/edit/"
    page = text_of(client.get(response["Location"]))
    assert "Answer again: “the new red flag” is new here" in page
    typed = shown_in(page)
    assert f"q_{code}" not in typed
    assert client.post(f"/referrals/{draft.pk}/edit/", typed).status_code == 422
    assert Referral.objects.get().is_complete is False


@pytest.mark.usefixtures("by")
def test_what_a_new_pack_asks_does_not_keep_a_stop_waiting(client: Client) -> None:
    address = f"/referrals/{uuid.uuid4()}/edit/"
    typed = shown_at(client, address) | {"q_emergency": "unsure"}
    make_new_pack_live("emergency")
    client.post(address, typed)
    assert Referral.objects.get().state == State.STOPPED


@pytest.mark.usefixtures("by")
def test_what_is_for_women_is_asked_once_the_sex_is_put_right(client: Client) -> None:
    address = f"/referrals/{uuid.uuid4()}/edit/"
    man = whole(pathway="shingles", sex="male", phone="none")
    first = client.post(address, man | {"q_emergency": "none"})
    typed = shown_in(text_of(first))
    assert typed["shown_shingles_criteria"] == "shingles_late"
    answers = {"q_shingles_red_flags": "none", "q_shingles_criteria": "none"}
    corrected = typed | answers | {"sex": "female", "phone": "07700 900982"}
    response = client.post(address, corrected)
    assert response.status_code == 422
    page = text_of(response)
    assert "Answer again: “is or may be pregnant” is new here" in page
    assert "q_shingles_criteria" not in would_send(page)
    assert would_send(page)["q_shingles_red_flags"] == "none"


@pytest.mark.usefixtures("by")
def test_a_page_on_which_nothing_is_known_shows_and_sends_all_of_it(client: Client) -> None:
    typed = shown_at(client, f"/referrals/{uuid.uuid4()}/edit/")
    for pathway in FIRST.pathways:
        for group in pathway.groups:
            codes = " ".join(item.code for item in group.items)
            assert typed[f"shown_{group.code}"] == codes
    assert not Referral.objects.exists()


def group_in(page: str, code: str) -> Element:
    """Return a group of questions, with what stands in it."""
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    groups = (each for each in tree.iter("div") if "app-ask" in each.get("class", "").split())
    return next(each for each in groups if each.find(f".//*[@name='q_{code}']") is not None)


def stops_in(part: Element) -> list[str]:
    """Return what is said with each button that stops, in page order; a screen reader says it."""
    ids = {each.get("id"): "".join(each.itertext()) for each in part.iter() if each.get("id")}
    buttons = [each for each in part.iter("button") if each.get("name") == "stop"]
    assert all(each.get("value") == "yes" for each in buttons)
    return [ids[each.get("aria-describedby")] for each in buttons]


@pytest.mark.usefixtures("by")
@pytest.mark.parametrize("is_answered", [False, True])
def test_what_stops_is_said_where_it_is_answered(client: Client, is_answered: bool) -> None:
    advice, address = FIRST.advice, f"/referrals/{uuid.uuid4()}/edit/"
    response = client.post(address, whole(phone="none")) if is_answered else client.get(address)
    page = text_of(response)
    # Of an emergency there is one answer to "Yes" and "Not sure": before what else may be ticked.
    emergency = group_in(page, "emergency")
    assert stops_in(emergency) == [advice.call_999]
    assert page.index('value="unsure"') < page.index('name="stop"') < page.index("Which of them?")
    # Of red flags each has its own; "Not sure" is as grave as the gravest.
    grave_first = [advice.call_999, advice.gp_same_day, advice.gp]
    assert stops_in(group_in(page, "sore_throat_red_flags")) == [advice.call_999, *grave_first]
    assert stops_in(group_in(page, "sore_throat_criteria")) == []


@pytest.mark.parametrize(("years", "is_said"), [(0, True), (1, False), (None, False)])
def test_who_is_too_young_is_said_under_the_date_of_birth(
    client: Client, by: Membership, years: int | None, is_said: bool
) -> None:
    born = timezone.localdate() - timedelta(days=366 * (years or 0))
    boxes: dict[str, Any] = {"birth_day": str(born.day), "birth_month": str(born.month)}
    boxes["birth_year"] = "" if years is None else str(born.year)
    draft = factories.draft(by=by, **boxes)
    page = text_of(client.get(f"/referrals/{draft.pk}/edit/"))
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    part = next(each for each in tree.iter("div") if each.get("data-below"))
    assert part.get("data-below") == str(FIRST.youngest)
    assert ("hidden" not in part.attrib) is is_said
    assert stops_in(part) == [FIRST.advice.too_young]


def seen_in(page: str) -> list[str]:
    """Return the names of fields that are not hidden, as without a script."""
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    seen: list[str] = []

    def walk(part: Any) -> None:
        if "hidden" not in part.attrib:
            seen.extend(filter(None, [part.get("name")]))
            for each in part:
                walk(each)

    walk(tree)
    return seen


@pytest.mark.usefixtures("by")
def test_a_minor_illness_asks_its_pathways_red_flags_without_a_script(client: Client) -> None:
    address = f"/referrals/{uuid.uuid4()}/edit/"
    minor = {"pathway": "minor_illness", "symptom_group": "Skin, blisters or rash"}
    typed = shown_at(client, address) | whole(**minor, birth_year="2012") | {"q_emergency": "none"}
    page = text_of(client.post(address, typed | {"ask": "yes"}))
    names = [name for name in seen_in(page) if name.endswith(("_red_flags", "_criteria"))]
    assert [name for name in names if name.startswith("q_")] == [
        *["q_impetigo_red_flags"] * 3,
        *["q_shingles_red_flags"] * 3,
    ]
    assert page.count('id="id_q_shingles_red_flags"') == page.count("shown_shingles_red_flags") == 1
    assert client.post(address, shown_in(page)).status_code == 422
    none = {"q_impetigo_red_flags": "none", "q_shingles_red_flags": "none"}
    assert client.post(address, shown_in(page) | none)["Location"].endswith("/send/")
    client.post(address, shown_in(page) | none | {"q_shingles_eye": "yes"})
    assert Referral.objects.get().state == State.STOPPED


@pytest.mark.usefixtures("by")
def test_which_question_is_a_yes_is_asked_with_the_yes_still_selected(client: Client) -> None:
    address = f"/referrals/{uuid.uuid4()}/edit/"
    answers = {"q_emergency": "none", "q_sore_throat_red_flags": "some"}
    response = client.post(address, shown_at(client, address) | whole() | answers)
    assert response.status_code == 422
    page = text_of(response)
    words = "Tick which of the questions on acute sore throat is a yes, or choose Not sure"
    assert page.count(words) == 2  # above all, and beside the question
    assert would_send(page)["q_sore_throat_red_flags"] == "some"
    assert Referral.objects.get().state == State.DRAFT


@pytest.mark.usefixtures("by")
def test_a_yes_to_the_emergency_questions_stops_without_which(client: Client) -> None:
    address = f"/referrals/{uuid.uuid4()}/edit/"
    client.post(address, shown_at(client, address) | {"q_emergency": "some", "stop": "yes"})
    referral = Referral.objects.get()
    assert referral.state == State.STOPPED
    page = text_of(client.get(f"/referrals/{referral.pk}/"))
    assert "The answer to the emergency questions was yes; which of them was not said." in page
    assert "Not sure" not in page
