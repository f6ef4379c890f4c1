"""The operators' pages of clinical content: what is in force, what waits, and making it live."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import msgspec
import pytest
from django.test import Client
from django.utils import timezone

from accounts.models.people import Membership
from accounts.roles import Role
from accounts.wording import written_date
from referrals import content_packs
from referrals.models.content_packs import ContentPack
from tests import factories
from tests.clinical_content import LIVE
from tests.factories import acting
from tests.pages import text_of

pytestmark = pytest.mark.django_db
NOW = timezone.now()
TODAY = timezone.localdate(NOW)
HOME = "/clinical-content/"


@pytest.fixture
def operator(client: Client) -> Membership:
    """One who has confirmed a moment ago who they are."""
    membership = factories.member(role=Role.OPERATOR)
    factories.confirmed(factories.sign_in(client, membership.user))
    return membership


def waiting(
    version: str = "2026.2", *, by: Membership | None = None, **changes: Any
) -> ContentPack:
    by = by or factories.member(role=Role.OPERATOR)
    dates: dict[str, Any] = {"starts_on": TODAY, "ends_on": TODAY + timedelta(days=30)}
    pack = msgspec.structs.replace(LIVE, version=version, **dates | changes)
    return content_packs.load(pack, by.user, acting(now=NOW))


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.mark.usefixtures("operator")
def test_what_is_in_force_is_said_and_that_nobody_signed_it_off(client: Client) -> None:
    page = words(text_of(client.get(HOME)))
    assert "In force now Version 2026.1 Sign-off Not clinically signed off" in page
    assert "Waiting to be made live" not in page


def test_a_pack_is_made_live_by_another_operator(client: Client, operator: Membership) -> None:
    row = waiting(signed_off_by="Dr A Patel, CSO")
    assert operator.user_id != row.loaded_by_id
    page = text_of(client.get(HOME))
    assert "Waiting to be made live" in page
    assert f'href="{HOME}{row.pk}/"' in page
    page = text_of(client.get(f"{HOME}{row.pk}/"))
    assert "What it changes against 2026.1, which is in force" in words(page)
    assert "Sign-off Clinically signed off by Dr A Patel, CSO" in words(page)
    sign_off = "Sign-off Before not clinically signed off From its first day clinically signed off"
    assert sign_off in words(page)
    page = text_of(client.get(f"{HOME}{row.pk}/confirm/"))
    assert "Make clinical content 2026.2 live?" in page
    assert "from now on to the end of " in page
    assert "not clinically signed off" not in page
    assert ContentPack.objects.waiting().exists()
    answer = client.post(f"{HOME}{row.pk}/confirm/", follow=True)
    page = words(text_of(answer))
    assert "The pack is live." in page
    assert "In force now Version 2026.2 Sign-off Clinically signed off by Dr A Patel, CSO" in page
    assert "Replaced" in page  # 2026.1
    page = words(text_of(client.get(f"{HOME}{row.pk}/")))
    assert "What it says" in page
    assert "Make it live" not in page


def test_who_loaded_it_is_told_that_another_operator_has_to(
    client: Client, operator: Membership
) -> None:
    row = waiting(by=operator)
    page = words(text_of(client.get(f"{HOME}{row.pk}/")))
    assert "You loaded it. Another operator has to make it live." in page
    assert "/confirm/" not in page
    asked = client.get(f"{HOME}{row.pk}/confirm/")
    assert asked.status_code == 422
    answer = client.post(f"{HOME}{row.pk}/confirm/")
    assert answer.status_code == 422
    assert "You loaded it. Another operator has to make it live" in text_of(answer)
    assert ContentPack.objects.waiting().get() == row


@pytest.mark.usefixtures("operator")
def test_who_makes_live_what_nobody_signed_off_is_told_so(client: Client) -> None:
    later = TODAY + timedelta(days=3)
    page = words(text_of(client.get(f"{HOME}{waiting(starts_on=later).pk}/confirm/")))
    assert "It is not clinically signed off" in page
    assert f"from {written_date(later)} to the end of " in page


@pytest.mark.usefixtures("operator")
def test_who_makes_a_pack_live_is_told_what_replaces_it_later(client: Client) -> None:
    soon, end = TODAY + timedelta(days=9), TODAY + timedelta(days=12)
    row = waiting("soon", starts_on=soon, ends_on=end)
    waiting("never-confirmed", starts_on=soon, ends_on=end)
    content_packs.confirm(row.pk, acting(factories.member(role=Role.OPERATOR), now=NOW))
    page = words(text_of(client.get(f"{HOME}{waiting().pk}/confirm/")))
    days = f"from {written_date(soon)} to the end of {written_date(end)}"
    assert page.count("is live already, and replaces it") == 1
    assert f"Version soon is live already, and replaces it {days}." in page


@pytest.mark.usefixtures("operator")
def test_a_pack_is_discarded_once_someone_is_sure(client: Client) -> None:
    row = waiting()
    assert "Discard clinical content 2026.2?" in text_of(client.get(f"{HOME}{row.pk}/discard/"))
    answer = client.post(f"{HOME}{row.pk}/discard/", follow=True)
    assert "The pack is discarded." in text_of(answer)
    assert not ContentPack.objects.waiting().exists()
    assert client.get(f"{HOME}{row.pk}/").status_code == 404


@pytest.mark.usefixtures("operator")
@pytest.mark.parametrize("action", ["confirm", "discard"])
@pytest.mark.parametrize("number", ["", "9" * 30])
def test_what_does_not_wait_any_more_leads_to_the_list(
    client: Client, action: str, number: str
) -> None:
    row = waiting()
    content_packs.discard(row.pk, acting(factories.member(role=Role.OPERATOR), now=NOW))
    for method in (client.get, client.post):
        answer = method(f"{HOME}{number or row.pk}/{action}/", follow=True)
        assert "That was done by someone else meanwhile." in text_of(answer)


@pytest.mark.usefixtures("operator")
def test_each_pack_has_its_state(client: Client) -> None:
    far = TODAY + timedelta(days=40)
    later = waiting("later", starts_on=far, ends_on=far)
    old = waiting("old")
    other = acting(factories.member(role=Role.OPERATOR), now=NOW)
    for row in (later, old):
        content_packs.confirm(row.pk, other)
    page = words(text_of(client.get(HOME)))
    assert re.search(r"Version later .*? State From \d+ \w+ \d{4}", page)
    assert re.search(r"Version old .*? State In force", page)
    assert re.search(r"Version 2026\.1 Days .*? At the database .*? State Replaced", page)


@pytest.mark.usefixtures("operator")
def test_without_any_pack_in_force_the_page_says_what_that_means(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("referrals.models.content_packs.ContentPackQuerySet.live", nothing)
    assert "practices cannot refer until a pack is live" in text_of(client.get(HOME))
    page = words(text_of(client.get(f"{HOME}{waiting().pk}/")))
    assert "What it says; no other pack is in force" in page


def nothing(queryset: Any, _day: Any) -> Any:
    return queryset.none()


def all_words_of(part: Any) -> Iterator[str]:
    """Yield every sentence and name that stands in a pack, but no codes and no days."""
    if isinstance(part, msgspec.Struct):
        for name in part.__struct_fields__:
            if name not in {"code", "action", "sex", "starts_on", "ends_on"}:
                yield from all_words_of(getattr(part, name))
    elif isinstance(part, tuple):
        for each in part:
            yield from all_words_of(each)
    elif isinstance(part, str):
        yield part


@pytest.mark.usefixtures("operator")
def test_a_whole_pack_is_read_by_pathway_with_each_question_once(client: Client) -> None:
    live = ContentPack.objects.get()
    page = unescape(text_of(client.get(f"{HOME}{live.pk}/")))
    for said in all_words_of(live.pack):
        assert said in page
    titles = re.findall(r'<span class="nhsuk-details__summary-text">([^<]+)<', page)
    assert titles == [
        *("Emergencies", *(each.name for each in live.pack.pathways)),
        *("Minor illness", "Advice"),
    ]
    throat = words(page.split("Acute sore throat</span>")[1].split("</details>")[0])
    for said in (
        *("For People aged 5 and over", "Question Yes means Asked of", "Sore throat"),
        "Question has pain on one side that gets worse Yes means GP today",
        "is or may be pregnant Yes means Minor illness instead Asked of Women and girls aged 12 to",
    ):
        assert said in throat
    assert page.count("is having a fit, or has just had one") == 1


@pytest.mark.usefixtures("operator")
def test_a_pack_that_waits_shows_what_it_changes_then_all_of_it(client: Client) -> None:
    asked = msgspec.structs.replace(LIVE.symptom_groups[0], groups=LIVE.pathways[0].groups)
    row = waiting(source="The minutes of a meeting", symptom_groups=(asked,))
    page = words(text_of(client.get(f"{HOME}{row.pk}/")))
    assert page.index("which is in force What Before") < page.index("All that it says Emergencies")
    assert "Source Before" in page
    assert page.index("All that it says") < page.index("Make it live")
    assert f"{asked.name}: {asked.groups[0].ask} Question" in page


@pytest.mark.usefixtures("operator")
def test_queries_do_not_grow_with_packs(client: Client, django_assert_num_queries: Any) -> None:
    client.get(HOME)
    counts = []
    for number in range(2):
        for each in range(3):
            waiting(f"2027.{number}{each}")
        with django_assert_num_queries(6, exact=False) as counted:
            client.get(HOME)
        counts.append(len(counted))
    assert counts[0] == counts[1]


def test_an_operator_s_menu_leads_there(client: Client, operator: Membership) -> None:
    assert operator.role == Role.OPERATOR
    assert re.search(rf'href="{HOME}"[^>]*>Clinical content<', text_of(client.get("/account/")))


@pytest.mark.parametrize("address", [HOME, f"{HOME}1/", f"{HOME}1/confirm/", f"{HOME}1/discard/"])
@pytest.mark.parametrize("role", [Role.PRACTICE_ADMINISTRATOR, Role.SERVICE_DESK, Role.STAFF])
def test_nobody_else_sees_it(client: Client, address: str, role: Role) -> None:
    factories.confirmed(factories.sign_in(client, factories.active_person(role=role)))
    assert client.get(address).status_code == 403
