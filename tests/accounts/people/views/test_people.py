"""The pages of a practice's people, as their administrator uses them."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models.cases import Case, CaseKind, CaseState
from accounts.models.mail import Mail, Trouble
from accounts.models.people import Membership, Practice, User
from accounts.models.sessions import Session, Step
from accounts.models.shared_logins import Dismissal, IndicatorKind, SharedLoginIndicator
from accounts.roles import Role
from accounts.service_desk import allowed_addresses
from accounts.sign_in import log_in as sign_in_log_in
from accounts.sign_in.second_factor import Code
from accounts.wording import written_date
from tests import factories
from tests.factories import acting
from tests.mails import mailed
from tests.pages import text_of
from tests.tools import code_for

pytestmark = [pytest.mark.django_db, pytest.mark.needs("oathtool")]
NOW = timezone.now()
TODAY = timezone.localdate(NOW)
INVITE = "/people/invite/"
IDA = {
    "given_name": "Ida",
    "family_name": "Hill",
    "email": "ida.hill@larkfield.example",
    "job_role": "Receptionist",
    "role": "staff",
}


@pytest.fixture
def practice() -> Practice:
    return factories.practice()


@pytest.fixture
def boss(client: Client, practice: Practice) -> Membership:
    """An administrator who is signed in and has confirmed a moment ago who they are."""
    found = factories.member(role=Role.PRACTICE_ADMINISTRATOR, at=practice)
    factories.confirmed(factories.sign_in(client, found.user))
    return found


def colleague(practice: Practice, given: str = "Ida", family: str = "Hill", **more: Any) -> User:
    return factories.person(at=practice, given_name=given, family_name=family, **more)


def page_of(user: User, what: str = "") -> str:
    return f"/people/{user.memberships.get().pk}/{what}"


class TestList:
    """``/people/``."""

    def test_each_of_the_practice_s_people_and_nobody_else(
        self, client: Client, boss: Membership, practice: Practice
    ) -> None:
        factories.active_person()
        colleague(practice)
        locked = factories.active_person(at=practice)
        User.objects.filter(pk=locked.pk).update(given_name="Lou", locked_at=NOW)
        off = factories.active_person(at=practice)
        User.objects.filter(pk=off.pk).update(given_name="Oli", last_login=NOW)
        off.memberships.update(off_at=NOW)
        User.objects.filter(pk=boss.user_id).update(last_login=NOW)
        page = text_of(client.get("/people/"))
        assert "4 people" in page
        text = " ".join(re.sub("<[^>]+>", " ", page).split())
        for words in (
            f"Jane Doe {boss.user.email} Role Practice administrator Status Active",
            "Role Practice staff Status Invited Authenticator Not set up Last logged in Never",
            f"Lou Doe {locked.email} Role Practice staff Status Locked Authenticator Set up",
            f"Oli Doe {off.email} Role Practice staff Status Off",
        ):
            assert words in text, text

    @pytest.mark.usefixtures("boss")
    def test_what_is_searched_for(self, client: Client, practice: Practice) -> None:
        colleague(practice)
        colleague(practice, "Idris", "Brown", role=Role.PRACTICE_ADMINISTRATOR)

        def names(**asked: str) -> list[str]:
            page = text_of(client.post("/people/", asked))
            return re.findall(r'<a href="/people/\d+/">([^<]+)</a>', page)

        assert names() == ["Idris Brown", "Jane Doe", "Ida Hill"]
        assert names(words=" hILL  id\x00a") == ["Ida Hill"]
        assert names(words="larkfield.example") == ["Idris Brown", "Jane Doe", "Ida Hill"]
        assert names(words="%") == names(words="_@") == names(words="nobody") == []
        assert names(role="practice_administrator") == ["Idris Brown", "Jane Doe"]
        assert names(**{"is": "invited"}, role="staff") == ["Ida Hill"]
        assert names(role="operator", **{"is": "x"}) == []
        assert len(names(role="odd", **{"is": "odd"})) == 3

    @pytest.mark.usefixtures("boss")
    def test_fifty_at_a_time(self, client: Client, practice: Practice) -> None:
        users = [
            User(email=f"p{n}@larkfield.example", given_name="Pat", family_name=f"Z{n:03}")
            for n in range(120)
        ]
        User.objects.bulk_create(users)
        memberships = [Membership(user=each, practice=practice, role=Role.STAFF) for each in users]
        Membership.objects.bulk_create(memberships)
        page = text_of(client.get("/people/"))
        assert "1 to 50 of 121 people" in page
        assert "Previous page" not in page
        page = text_of(client.post("/people/", {"page": "3", "words": "Pat"}))
        assert "101 to 120 of 120 people found" in page
        assert "Next page" not in page
        for odd in ("0", "-1", "99", "x", "9" * 50, "²"):
            assert client.post("/people/", {"page": odd}).status_code == 200

    @pytest.mark.parametrize("count", [0, 60])
    @pytest.mark.usefixtures("boss")
    def test_its_queries_do_not_grow(
        self, client: Client, practice: Practice, count: int, django_assert_num_queries: Any
    ) -> None:
        for _ in range(count):
            colleague(practice)
        with django_assert_num_queries(5):
            client.get("/people/")

    @pytest.mark.usefixtures("boss")
    def test_until_there_are_two_administrators_it_says_so(
        self, client: Client, practice: Practice
    ) -> None:
        needed = "Your practice needs a second administrator"
        assert needed in text_of(client.get("/people/"))
        assert needed in text_of(client.get("/referrals/"))
        other = factories.member(role=Role.PRACTICE_ADMINISTRATOR, at=practice)
        assert needed not in text_of(client.get("/people/"))
        assert needed not in text_of(client.get("/referrals/"))
        Membership.objects.filter(pk=other.pk).update(off_at=NOW)
        assert needed in text_of(client.get("/people/"))

    @pytest.mark.usefixtures("boss")
    @pytest.mark.parametrize("change", [{"last_login": None}, {"locked_at": NOW}])
    def test_one_who_cannot_act_is_no_second_administrator(
        self, client: Client, practice: Practice, change: dict[str, Any]
    ) -> None:
        other = factories.member(role=Role.PRACTICE_ADMINISTRATOR, at=practice)
        User.objects.filter(pk=other.user_id).update(**change)
        assert "Your practice needs a second administrator" in text_of(client.get("/people/"))

    def test_staff_see_neither_banner_nor_way_there(self, client: Client) -> None:
        factories.sign_in(client, factories.active_person())
        page = text_of(client.get("/referrals/"))
        assert "second administrator" not in page
        assert "/people/" not in page


class TestPerson:
    """``/people/<number>/``."""

    @pytest.mark.parametrize(
        "what", ["", "details/", "place/", "off/", "on/", "unlock/", "one-person/", "activation/"]
    )
    @pytest.mark.parametrize("method", ["get", "post"])
    @pytest.mark.usefixtures("boss")
    def test_another_practice_s_person_is_not_there(
        self, client: Client, what: str, method: str
    ) -> None:
        address = page_of(factories.active_person(), what)
        answer = getattr(client, method)(address)
        assert answer.status_code == (405 if (method, what) == ("post", "") else 404)

    @pytest.mark.usefixtures("boss")
    def test_a_number_that_no_row_can_have_is_not_there(self, client: Client) -> None:
        for number in ("0", "9" * 30):
            assert client.get(f"/people/{number}/").status_code == 404
            assert client.post(f"/people/{number}/off/").status_code == 404

    def test_it_offers_what_fits(
        self, client: Client, boss: Membership, practice: Practice
    ) -> None:
        def offered(user: User) -> set[str]:
            page = text_of(client.get(page_of(user)))
            return set(re.findall(r'href="/people/\d+/(\w+)/"', page))

        changes = {"details", "place", "off"}
        user = colleague(practice)
        assert offered(user) == {*changes, "activation"}
        factories.authenticator(user)
        assert offered(user) == changes
        User.objects.filter(pk=user.pk).update(locked_at=NOW)
        assert offered(user) == {*changes, "unlock"}
        user.memberships.update(off_at=NOW)
        assert offered(user) == {"details", "place", "on"}
        assert offered(boss.user) == {"details"}

    @pytest.mark.usefixtures("boss")
    def test_an_email_that_did_not_go_out(self, client: Client, practice: Practice) -> None:
        ida, others = colleague(practice), colleague(practice, given="Jo")
        factories.unsent_mail(others.email, trouble=Trouble.REFUSED)
        assert "Email not sent" not in text_of(client.get(page_of(ida)))
        factories.unsent_mail(ida.email, trouble=Trouble.NO_SUCH_ADDRESS)
        page = text_of(client.get(page_of(ida)))
        assert "Email not sent" in page
        assert f"We could not send an email to {ida.email} at" in page
        assert ": the address does not exist." in page
        assert page_of(ida, "details/") in page  # where it is corrected
        assert "asked on the PharmRefer login page" not in page  # its words
        changes = {"given_name": "Ida", "family_name": "Hill", "job_role": "Receptionist"}
        client.post(page_of(ida, "details/"), changes | {"email": "ida.hill@larkfield.example"})
        assert mailed(User.objects.get(pk=ida.pk))["Activate your PharmRefer account"]
        assert "Email not sent" not in text_of(client.get(page_of(ida)))

    @pytest.mark.usefixtures("boss")
    @pytest.mark.parametrize(
        ("trouble", "said"),
        [
            (Trouble.REFUSED, ": our mail server refuses it. We will keep trying until"),
            (Trouble.NO_ANSWER, ": our mail server does not answer. We will keep"),
            (Trouble.UNSURE, ": our mail server has not said whether it took it. We will"),
            ("", ". We will keep trying until"),
            ("of-a-later-version", ". We will keep trying until"),
        ],
    )
    def test_one_that_has_not_gone_out_yet(
        self, client: Client, practice: Practice, trouble: str, said: str
    ) -> None:
        ida = colleague(practice)
        factories.unsent_mail(ida.email, trouble=trouble)
        page = " ".join(re.sub("<[^>]+>", " ", text_of(client.get(page_of(ida)))).split())
        assert f"An email to {ida.email} has not been sent yet, and we have been" in page
        assert re.search(rf"trying since \d+:\d\d[ap]m{re.escape(said)}", page)
        Mail.objects.update(next_try_at=None)
        page = text_of(client.get(page_of(ida)))
        assert "We have stopped trying. Send it again if they still need it." in page

    @pytest.mark.usefixtures("boss")
    def test_of_a_guest_the_account_is_left_alone(self, client: Client, practice: Practice) -> None:
        guest = factories.active_person(at=factories.practice(name="Highfield Surgery"))
        here = Membership.objects.create(user=guest, practice=practice, role=Role.STAFF)
        page = text_of(client.get(f"/people/{here.pk}/"))
        assert "The account of Jane Doe belongs to Highfield Surgery" in page
        assert "/details/" not in page
        page = text_of(client.get(f"/people/{here.pk}/details/"))
        assert "belongs to Highfield Surgery" in page
        assert 'name="given_name"' not in page
        answer = client.post(f"/people/{here.pk}/details/", IDA)
        assert answer.status_code == 422
        guest.refresh_from_db()
        assert guest.given_name == "Jane"


class TestInvite:
    """``/people/invite/`` and ``/people/<number>/activation/``."""

    def test_a_code_is_shown_once(self, client: Client, boss: Membership) -> None:
        assert "checked" in text_of(client.get(INVITE))
        page = text_of(client.post(INVITE, IDA | {"day": "1", "month": "2", "year": "2999"}))
        assert "Ida Hill is invited" in page
        (code,) = re.findall(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}\b", page)
        made = User.objects.get(email=IDA["email"]).memberships.get()
        assert (made.practice, made.role, str(made.ends_on)) == (
            boss.practice,
            "staff",
            "2999-02-01",
        )
        assert code not in text_of(client.get(page_of(made.user)))
        again = text_of(client.post(page_of(made.user, "activation/")))
        (newer,) = re.findall(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}\b", again)
        assert newer != code

    @pytest.mark.usefixtures("boss")
    def test_sent_twice_it_says_so_and_loses_nothing(self, client: Client) -> None:
        client.post(INVITE, IDA)
        answer = client.post(INVITE, IDA)
        assert answer.status_code == 422
        page = text_of(answer)
        assert "Ida Hill is already one of your people" in page
        for text in IDA.values():
            assert text in page

    def test_role_and_practice_are_none_of_the_form_s_business(
        self, client: Client, boss: Membership
    ) -> None:
        other = factories.practice()
        answer = client.post(INVITE, IDA | {"role": "operator"})
        assert answer.status_code == 422
        assert "Choose a role" in text_of(answer)
        for name in ("practice", "practice_id", "is_active", "off_at"):
            client.post(INVITE, IDA | {name: str(other.pk)})
        assert Membership.objects.filter(practice=other).count() == 0
        assert User.objects.get(email=IDA["email"]).memberships.get().practice == boss.practice

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"given_name": " \u200b"}, "Enter the first name"),
            ({"family_name": "x" * 101}, "Last name must be 100 characters or fewer"),
            ({"email": ""}, "Enter the email address"),
            ({"email": "ida"}, "Enter a valid email address"),
            (
                {"email": "reception@larkfield.example"},
                "Enter an email address that only this person reads",
            ),
            (
                {"email": "r3ception@larkfield.example"},
                "Enter an email address that only this person reads",
            ),
            ({"given_name": "Reception"}, "Enter one person&#39;s name"),
            ({"given_name": "URGENT log in at https://phish.example"}, "Enter only the name"),
            ({"family_name": "phish.example"}, "Enter only the name"),
            ({"family_name": "-"}, "If they have only one name, enter it in both boxes"),
            ({"family_name": ""}, "If they have only one name, enter it in both boxes"),
            ({"job_role": "see https://phish.example"}, "Enter only a name"),
            ({"job_role": ""}, "Enter the job role"),
            ({"role": ""}, "Choose a role"),
            ({"day": "31", "month": "2", "year": "2999"}, "February 2999 has 28 days"),
            ({"day": "1"}, "The last day must include a month and a year"),
            ({"day": "1", "month": "1", "year": "2020"}, "The last day must be today or later"),
            ({"day": "²", "month": "1", "year": "2999"}, "The day must be a number from 1 to 31"),
            ({"day": "1" * 41}, "Day must be 40 characters or fewer"),
        ],
    )
    @pytest.mark.usefixtures("boss")
    def test_what_is_wrong_stands_beside_it(
        self, client: Client, changes: dict[str, str], words: str
    ) -> None:
        answer = client.post(INVITE, IDA | changes)
        assert answer.status_code == 422
        page = text_of(answer)
        assert page.count(words) == 2
        assert ("Ida" in page) is ("given_name" not in changes)
        assert User.objects.count() == 1

    @pytest.mark.usefixtures("boss")
    @pytest.mark.parametrize(
        "email",
        ["Ida Hill <ida.hill@larkfield.example>;", "mailto:ida\u200b.hill@larkfield.example\u200f"],
    )
    def test_an_address_is_taken_as_it_was_pasted(self, client: Client, email: str) -> None:
        assert client.post(INVITE, IDA | {"email": email}).status_code == 200
        assert User.objects.filter(email=IDA["email"]).exists()

    @pytest.mark.usefixtures("boss")
    def test_who_is_called_like_a_desk_has_a_way(self, client: Client) -> None:
        rosa = {"given_name": "Reception", "family_name": "Okafor"}
        page = text_of(client.post(INVITE, IDA | rosa))
        assert "ask the service desk to allow their address" in page
        desk = factories.member(role=Role.SERVICE_DESK)
        origin = factories.ORIGIN
        allowed_addresses.allow_address(
            IDA["email"], "It is her name", acting(desk, now=NOW, origin=origin)
        )
        assert client.post(INVITE, IDA | rosa).status_code == 200

    @pytest.mark.usefixtures("boss")
    def test_a_name_is_the_same_name_on_every_computer(self, client: Client) -> None:
        user = factories.person(given_name="Jose\u0301", family_name="O'Neill")
        names = {"given_name": "Jos\u00e9", "family_name": "Smith"}
        answer = client.post(INVITE, IDA | names | {"email": user.email}, follow=True)
        assert "They already have an account" in text_of(answer)
        other = factories.person(given_name="Ana", family_name="O'Neill")
        names = {"given_name": "Anna", "family_name": "O\u2019Neill"}
        answer = client.post(INVITE, IDA | names | {"email": other.email}, follow=True)
        assert "They already have an account" in text_of(answer)

    @pytest.mark.usefixtures("boss")
    def test_where_the_practice_has_closed_it_says_so_and_loses_nothing(
        self, client: Client, practice: Practice
    ) -> None:
        assert "Invite someone" in text_of(client.get("/people/"))
        Practice.objects.filter(pk=practice.pk).update(closed_on="2020-03-31")
        page = text_of(client.get("/people/"))
        assert "Your practice has closed: you cannot add anyone to it." in page
        assert "Invite someone" not in page
        for address in (INVITE, "/people/invite-many/"):
            assert client.get(address).headers["Location"] == "/people/"
        answer = client.post(INVITE, IDA)
        assert answer.status_code == 422
        page = text_of(answer)
        assert page.count("Larkfield Surgery closed on 31 March 2020. You cannot") == 1
        for text in IDA.values():
            assert text in page
        assert User.objects.count() == 1

    @pytest.mark.usefixtures("boss")
    def test_a_user_with_an_account_joins(self, client: Client) -> None:
        user = factories.active_person()
        names = {"given_name": user.given_name, "family_name": user.family_name}
        answer = client.post(INVITE, IDA | names | {"email": user.email}, follow=True)
        page = text_of(answer)
        assert "They already have an account" in page
        assert "Waiting for them to accept" in page
        assert user.memberships.count() == 2
        waiting = user.memberships.latest("pk")
        User.objects.filter(pk=user.pk).update(last_login=NOW, locked_at=NOW)
        page = text_of(client.get(f"/people/{waiting.pk}/"))
        for word in ("Locked</strong>", f"{waiting.pk}/unlock/", "belongs to"):
            assert word not in page, word
        assert page.count("Shown once they accept") == 2
        page = text_of(client.post(f"/people/{waiting.pk}/take-back/", follow=True))
        assert "You have withdrawn the request" in page
        assert user.memberships.count() == 1

    @pytest.mark.parametrize("late", ["not confirmed", "locked", "over"])
    def test_too_late_nothing_typed_is_lost(
        self, client: Client, boss: Membership, late: str
    ) -> None:
        changes: dict[str, dict[str, Any]] = {
            "not confirmed": {"confirmed_at": None},
            "locked": {"last_seen_at": NOW - timedelta(minutes=16)},
            "over": {"last_seen_at": NOW - timedelta(hours=2)},
        }
        Session.objects.update(**changes[late])
        answer = client.post(INVITE, IDA | {"day": "7"})
        address = answer["Location"]
        assert User.objects.count() == 1
        assert "Hill" not in address
        if late != "not confirmed":
            (address,) = parse_qs(urlsplit(address).query)["next"]
        factories.confirmed(factories.sign_in(client, boss.user))
        page = text_of(client.get(address))
        for text in (*IDA.values(), "7"):
            assert f'value="{text}"' in page
        factories.confirmed(factories.sign_in(client, anothers(boss).user))
        assert "Hill" not in text_of(client.get(address))


def anothers(boss: Membership) -> Membership:
    return factories.member(role=Role.PRACTICE_ADMINISTRATOR, at=boss.practice)


class TestActions:
    """Turning off and on, unlocking, role and details."""

    @pytest.mark.usefixtures("boss")
    @pytest.mark.parametrize("is_reported", [True, False])
    def test_who_only_the_service_desk_can_unlock_has_no_button_for_it(
        self, client: Client, practice: Practice, *, is_reported: bool
    ) -> None:
        user = factories.active_person(at=practice)
        User.objects.filter(pk=user.pk).update(locked_at=NOW)
        if is_reported:
            said = {"kind": CaseKind.RESET, "person": user, "opened_at": NOW, "disputed_at": NOW}
            Case.objects.create(state=CaseState.DISPUTED, **said)
        page = text_of(client.get(page_of(user)))
        assert (page_of(user, "unlock/") in page) is not is_reported
        assert ("Only the service desk can unlock them" in page) is is_reported

    @pytest.mark.parametrize(
        ("what", "message"),
        [
            ("off/", "They are turned off"),
            ("on/", "They are turned on again"),
            ("unlock/", "They are unlocked"),
        ],
    )
    @pytest.mark.usefixtures("boss")
    def test_first_it_asks_then_it_does_and_says_so(
        self, client: Client, practice: Practice, what: str, message: str
    ) -> None:
        user = factories.active_person(at=practice)
        if what == "on/":
            user.memberships.update(off_at=NOW)
        if what == "unlock/":
            User.objects.filter(pk=user.pk).update(locked_at=NOW)
        text_of(client.get(page_of(user, what)))
        assert not mailed(user)
        assert message in text_of(client.post(page_of(user, what), follow=True))
        assert mailed(user)

    @pytest.mark.parametrize(
        ("what", "words"),
        [
            ("off/", "You cannot do this to yourself"),
            ("unlock/", "You cannot do this to yourself"),
            ("activation/", "You cannot do this to yourself"),
        ],
    )
    def test_why_not_is_said(self, client: Client, boss: Membership, what: str, words: str) -> None:
        answer = client.post(page_of(boss.user, what))
        assert answer.status_code == 422
        assert words in text_of(answer)

    def test_role_and_last_day(self, client: Client, boss: Membership, practice: Practice) -> None:
        user = factories.active_person(at=practice)
        user.memberships.update(ends_on="2999-02-01")
        page = text_of(client.get(page_of(user, "place/")))
        assert re.findall(r'name="(?:day|month|year)"[^>]*value="(\d+)"', page) == [
            *("1", "2", "2999")
        ]
        data = {"role": "practice_administrator", "day": "", "month": "", "year": ""}
        page = text_of(client.post(page_of(user, "place/"), data, follow=True))
        assert "They become an administrator once they log in and accept" in page
        assert "Waiting for them to accept: practice administrator" in page
        membership = user.memberships.get()
        assert (membership.role, membership.ends_on) == ("staff", None)
        page = text_of(client.get(page_of(user, "place/")))
        assert "have been asked to become an administrator" in page
        page = text_of(client.post(page_of(user, "place/"), data | {"role": "staff"}, follow=True))
        assert "You have changed their role or last day here" in page
        assert "Waiting for them" not in page
        answer = client.post(page_of(boss.user, "place/"), {"role": "staff"})
        assert "You cannot do this to yourself" in text_of(answer)

    @pytest.mark.usefixtures("boss")
    @pytest.mark.parametrize("given", ["Reception", "log in at phish.example", "."])
    def test_nobody_is_renamed_to_a_desk_or_a_message(
        self, client: Client, practice: Practice, given: str
    ) -> None:
        user = colleague(practice)
        answer = client.post(page_of(user, "details/"), IDA | {"given_name": given})
        assert answer.status_code == 422
        user.refresh_from_db()
        assert user.given_name == "Ida"

    def test_details(self, client: Client, boss: Membership, practice: Practice) -> None:
        user = factories.active_person(at=practice)
        assert f'value="{user.email}"' in text_of(client.get(page_of(user, "details/")))
        page = text_of(client.post(page_of(user, "details/"), IDA, follow=True))
        assert "You have changed the details" in page
        assert "ida.hill@larkfield.example" in page
        answer = client.post(page_of(user, "details/"), IDA | {"email": boss.user.email})
        assert text_of(answer).count("Someone already has this email address") == 2
        answer = client.post(
            page_of(user, "details/"), IDA | {"email": boss.user.email.replace("@", "+a@")}
        )
        assert text_of(answer).count("Someone already has this email address") == 2

    @pytest.mark.usefixtures("boss")
    def test_who_was_never_in_is_invited_at_the_new_address(
        self, client: Client, practice: Practice
    ) -> None:
        user = colleague(practice)
        page = text_of(client.post(page_of(user, "details/"), IDA))
        assert "Ida Hill is invited" in page
        assert IDA["email"] in page

    def test_who_is_an_administrator_no_more_is_out_at_the_next_request(
        self, client: Client, boss: Membership, practice: Practice
    ) -> None:
        user = colleague(practice)
        Membership.objects.filter(pk=boss.pk).update(role=Role.STAFF)
        for address in ("/people/", page_of(user), page_of(user, "off/"), INVITE):
            assert client.get(address).status_code == 403
        assert client.post(page_of(user, "off/")).status_code == 403


class TestShared:
    """Signs of a shared login, and ``/people/<number>/one-person/``."""

    MARK = "May be shared"
    BOX = "This login may be shared"

    @pytest.fixture
    def user(self, practice: Practice) -> User:
        """A user whose login was used on two machines at once, on two days."""
        made = factories.active_person(at=practice)
        for days in (0, 2):
            note(made, IndicatorKind.MACHINES, days_ago=days)
        note(made, IndicatorKind.CODE, days_ago=5)
        return made

    def test_they_are_shown_with_what_to_do(
        self, client: Client, boss: Membership, user: User
    ) -> None:
        assert text_of(client.get("/people/")).count(self.MARK) == 1
        page = text_of(client.get(page_of(user)))
        assert self.BOX in page
        today, before = (written_date(TODAY - timedelta(days=each)) for each in (0, 5))
        for words in (
            f"phones at the same time, on 2 days, the latest on {today}",
            f"One code was entered on two computers or phones, on {before}",
            "There may be an innocent reason",
            "codes fail",
            "nobody can tell who sent a referral",
            "Create a separate login",
            'href="/people/invite/"',
        ):
            assert words in page
        assert self.BOX not in text_of(client.get(page_of(boss.user)))

    @pytest.mark.usefixtures("boss")
    def test_nobody_is_told_to_invite_where_the_practice_has_closed(
        self, client: Client, user: User, practice: Practice
    ) -> None:
        Practice.objects.filter(pk=practice.pk).update(closed_on="2020-03-31")
        page = text_of(client.get(page_of(user)))
        assert self.BOX in page
        assert "This is one person" in page
        assert "/people/invite/" not in page
        assert "Create a separate login" not in page

    @pytest.mark.usefixtures("boss")
    def test_every_kind_has_words(self, client: Client, user: User) -> None:
        for kind in IndicatorKind:
            note(user, kind)
        page = text_of(client.get(page_of(user)))
        for words in ("at the same time", "One code", "14 or more different hours", "for 21 days"):
            assert words in page

    @pytest.mark.usefixtures("boss")
    def test_who_is_not_at_home_here_shows_none(self, client: Client, practice: Practice) -> None:
        guest = factories.active_person(at=factories.practice(name="Highfield Surgery"))
        here = Membership.objects.create(user=guest, practice=practice, role=Role.STAFF)
        note(guest, IndicatorKind.CODE)
        administrator = factories.member(role=Role.PRACTICE_ADMINISTRATOR, at=practice)
        Dismissal.objects.create(person=guest, by=administrator.user, day=TODAY)
        assert self.MARK not in text_of(client.get("/people/"))
        page = text_of(client.get(f"/people/{here.pk}/"))
        assert self.BOX not in page
        assert "nobody else uses this login" not in page
        answer = client.post(f"/people/{here.pk}/one-person/")
        assert answer.status_code == 422
        assert "belongs to Highfield Surgery" in text_of(answer)
        # Their first membership is over: that alone makes this one no home.
        Dismissal.objects.all().delete()
        guest.memberships.exclude(pk=here.pk).update(off_at=NOW)
        assert self.MARK not in text_of(client.get("/people/"))
        User.objects.filter(pk=guest.pk).update(home_practice=practice)
        assert self.MARK in text_of(client.get("/people/"))
        assert self.BOX in text_of(client.get(f"/people/{here.pk}/"))

    @pytest.mark.usefixtures("boss")
    def test_nor_does_who_cannot_log_in_or_belongs_to_the_service_desk(
        self, client: Client, user: User
    ) -> None:
        def is_shown() -> bool:
            mark = self.MARK in text_of(client.get("/people/"))
            assert mark is (self.BOX in text_of(client.get(page_of(user))))
            return mark

        membership = user.memberships.get()
        for changes in ({"off_at": NOW}, {"ends_on": TODAY - timedelta(days=1)}):
            Membership.objects.filter(pk=membership.pk).update(**changes)
            assert not is_shown()
            Membership.objects.filter(pk=membership.pk).update(off_at=None, ends_on=None)
        assert is_shown()
        User.objects.filter(pk=user.pk).update(is_active=False)
        assert not is_shown()
        User.objects.filter(pk=user.pk).update(is_active=True)
        desk = Membership.objects.create(user=user, role=Role.SERVICE_DESK)
        assert self.MARK not in text_of(client.get("/people/"))
        assert self.BOX not in text_of(client.get(f"/people/{membership.pk}/"))
        desk.delete()

    def test_an_administrator_says_that_it_is_one_person(
        self, client: Client, boss: Membership, user: User
    ) -> None:
        today = timezone.localdate()  # the page's: the run may have begun yesterday
        address = page_of(user, "one-person/")
        assert address in text_of(client.get(page_of(user)))
        assert "Does only Jane Doe use this login?" in text_of(client.get(address))
        assert SharedLoginIndicator.objects.of(user.pk, today=today).exists()
        data = {"by": str(user.pk), "day": "2999-01-01", "person": str(boss.user_id)}
        page = text_of(client.post(address, data, follow=True))
        assert "We have recorded that only they use this login" in page
        assert f"Jane Doe said on {written_date(today)} that nobody else uses this login" in page
        assert self.BOX not in page
        assert self.MARK not in text_of(client.get("/people/"))
        said = Dismissal.objects.get()
        assert (said.person, said.by, said.day) == (user, boss.user, today)
        again = text_of(client.post(address, follow=True))
        assert "Someone else has just done or changed that" in again

    def test_not_of_oneself(self, client: Client, boss: Membership) -> None:
        note(boss.user, IndicatorKind.CODE)
        page = text_of(client.get(page_of(boss.user)))
        assert self.BOX in page
        assert "another administrator can confirm that" in page
        assert "one-person/" not in page
        answer = client.post(page_of(boss.user, "one-person/"))
        assert answer.status_code == 422
        assert "You cannot do this to yourself" in text_of(answer)
        assert self.BOX in text_of(client.get(page_of(boss.user)))

    def test_only_after_confirming_who_one_is(
        self, client: Client, boss: Membership, user: User
    ) -> None:
        Session.objects.update(confirmed_at=None)
        answer = client.post(page_of(user, "one-person/"))
        assert answer["Location"].startswith("/account/confirm/")
        assert not Dismissal.objects.exists()
        factories.sign_in(client, factories.active_person(at=boss.practice))
        assert client.post(page_of(user, "one-person/")).status_code == 403
        assert not Dismissal.objects.exists()

    @pytest.mark.parametrize("count", [1, 25])
    @pytest.mark.usefixtures("boss")
    def test_pages_ask_no_more_for_many(
        self, client: Client, user: User, count: int, django_assert_num_queries: Any
    ) -> None:
        for days in range(count):
            for kind in IndicatorKind:
                note(user, kind, days_ago=days)
        address = page_of(user)
        with django_assert_num_queries(5):
            client.get("/people/")
        with django_assert_num_queries(8):
            client.get(address)


def note(user: User, kind: IndicatorKind, *, days_ago: int = 0) -> None:
    SharedLoginIndicator.objects.note(user.pk, kind, on=TODAY - timedelta(days=days_ago))


@pytest.fixture
def locum(client: Client) -> User:
    """A user with two practices, who has signed in and chosen neither."""
    user = factories.active_person(at=factories.practice(name="Highfield Surgery"))
    there = factories.practice(name="Millbrook Practice")
    Membership.objects.create(user=user, practice=there, role=Role.PRACTICE_ADMINISTRATOR)
    factories.sign_in(client, user)
    Session.objects.update(has_chosen=False, can_switch=True)
    return user


class TestChoose:
    """``/practice/choose/``."""

    @pytest.mark.usefixtures("locum")
    def test_until_one_is_chosen_there_is_only_the_account(self, client: Client) -> None:
        assert client.get("/")["Location"] == "/practice/choose/"
        asked = client.get("/referrals/")
        assert asked["Location"] == "/practice/choose/?next=%2Freferrals%2F"
        assert client.post("/referrals/pharmacies/", {"search": "x"}).status_code == 401
        page = text_of(client.get("/account/"))
        assert "No practice chosen" in page

    def test_choosing_leads_on_under_another_key(self, client: Client, locum: User) -> None:
        page = text_of(client.get("/practice/choose/?next=/people/"))
        assert page.index("Highfield Surgery") < page.index("Millbrook Practice")
        first, second = locum.live_memberships(today=timezone.localdate())
        before = client.cookies[settings.SESSION_COOKIE_NAME].value
        data = {"membership": str(second.pk), "next": "/people/"}
        answer = client.post("/practice/choose/", data)
        assert answer["Location"] == "/people/"
        assert client.cookies[settings.SESSION_COOKIE_NAME].value != before
        page = text_of(client.get("/people/"))
        assert "Millbrook Practice" in page
        assert "Highfield Surgery" not in page
        client.post("/practice/choose/", {"membership": str(first.pk)})
        assert client.get("/people/").status_code == 403
        assert "Highfield Surgery" in text_of(client.get("/referrals/"))

    def test_an_old_confirmation_does_not_go_along(self, client: Client, locum: User) -> None:
        Session.objects.update(confirmed_at=timezone.now())
        membership = locum.live_memberships(today=timezone.localdate())[1]
        client.post("/practice/choose/", {"membership": str(membership.pk)})
        assert Session.objects.get().confirmed_at is None

    @pytest.mark.parametrize("which", ["anothers", "off", "", "x", "9" * 30, "²"])
    def test_none_but_one_s_own(self, client: Client, locum: User, which: str) -> None:
        if which == "anothers":
            which = str(factories.member().pk)
        if which == "off":
            membership = locum.live_memberships(today=timezone.localdate())[1]
            Membership.objects.filter(pk=membership.pk).update(off_at=NOW)
            which = str(membership.pk)
        answer = client.post("/practice/choose/", {"membership": which})
        assert answer.status_code == 422
        assert "You no longer have access there" in text_of(answer)
        assert not Session.objects.get().has_chosen

    def test_what_is_written_at_one_is_not_seen_at_the_other(
        self, client: Client, locum: User
    ) -> None:
        first, second = locum.live_memberships(today=timezone.localdate())
        sent = factories.sent(by=first)
        draft = factories.draft(by=first)
        client.post("/practice/choose/", {"membership": str(second.pk)})
        for referral in (sent, draft):
            assert client.get(f"/referrals/{referral.pk}/").status_code == 404
            assert client.get(f"/referrals/{referral.pk}/edit/").status_code == 404
        page = text_of(client.get("/referrals/"))
        assert "Ashworth" not in page

    @pytest.mark.usefixtures("client")
    def test_who_has_one_place_is_not_asked(
        self, boss: Membership, get_in: Callable[[User], Session]
    ) -> None:
        session = get_in(boss.user)
        assert (session.has_chosen, session.can_switch) == (True, False)
        Membership.objects.create(user=boss.user, practice=factories.practice(), role=Role.STAFF)
        session = get_in(boss.user)
        assert (session.has_chosen, session.can_switch) == (False, True)


@pytest.fixture
def get_in(client: Client) -> Callable[[User], Session]:
    """Log a user in as they do."""

    def log_in(user: User) -> Session:
        pending = factories.begin_log_in(client, user, Step.CODE)
        app = user.authenticators.get()
        type(app).objects.update(last_step=-1)
        code = code_for(app.secret)
        sign_in_log_in.sign_in(pending, Code(code), acting(now=timezone.now()))
        return Session.objects.latest("pk")

    return log_in
