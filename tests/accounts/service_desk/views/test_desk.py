"""What the service desk sees and does, page by page, and that it never sees a patient."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.utils import timezone

from accounts.models.allowed_addresses import AllowedAddress
from accounts.models.audit import AuditEvent, Event, Factor
from accounts.models.cases import Case, CaseKind, CaseState
from accounts.models.mail import Trouble
from accounts.models.people import Membership, Practice, User
from accounts.models.sessions import Session
from accounts.roles import Role
from accounts.service_desk import cases as actions_cases
from accounts.service_desk import disputes
from support.codes import telephone
from tests import factories
from tests.factories import ORIGIN, acting
from tests.mails import keys_mailed
from tests.pages import text_of, walk
from tests.routes import routes

pytestmark = pytest.mark.django_db
NOW = timezone.now()
TODAY = timezone.localdate(NOW)
DAY = timedelta(days=1)
HOW: dict[str, Any] = {"origin": ORIGIN, "now": NOW}
CALL = {
    "ticket": "INC-20417",
    "caller": "Ida Hill",
    "reason": "New phone",
    "checked": "yes",
}
SAID = actions_cases.Call(**{name: CALL[name] for name in ("ticket", "caller", "reason")})
CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")
# Numbers not as part of a moment or a key, which may hold any digits.
PATIENT = re.compile(
    r"Winifred|Ashworth|Tanners|(?<![\w.])07700|(?<![\w.])999 ?000|sore throat", re.IGNORECASE
)


@pytest.fixture
def practice() -> Practice:
    return factories.practice(ods_code="Z91001")


@pytest.fixture
def desk(client: Client) -> Membership:
    """A member of the service desk who is signed in and has confirmed who they are."""
    found = factories.member(role=Role.SERVICE_DESK)
    factories.confirmed(factories.sign_in(client, found.user))
    return found


@pytest.fixture
def second() -> Membership:
    return factories.member(role=Role.SERVICE_DESK)


@pytest.fixture
def jane(practice: Practice) -> User:
    user = factories.active_person(at=practice)
    User.objects.filter(pk=user.pk).update(last_login=NOW - DAY)
    return User.objects.get(pk=user.pk)


@pytest.fixture
def boss(practice: Practice) -> User:
    return factories.active_person(role=Role.PRACTICE_ADMINISTRATOR, at=practice)


def words(response: Any) -> str:
    """Return a page's words without its tags."""
    return " ".join(re.sub("<[^>]+>", " ", text_of(response)).split())


def waiting(boss: User, by: Membership) -> Case:
    return actions_cases.open_case(boss.pk, CaseKind.RESET, SAID, acting(by, **HOW))[0]


@pytest.mark.usefixtures("desk")
class TestFinding:
    """The box on the first page."""

    @pytest.mark.parametrize("typed", ["Z91001", " z91001 ", "Z91001\u200b,", "ｚ９１００１"])
    def test_a_practice_by_its_code(self, client: Client, practice: Practice, typed: str) -> None:
        response = client.post("/desk/", {"who": typed})
        assert response["Location"] == f"/desk/practices/{practice.pk}/"

    def test_a_person_by_their_user_name(self, client: Client, jane: User) -> None:
        for typed in (
            jane.email.upper(),
            f"Doe, Jane <{jane.email}>;",
            f"\u200emailto:{jane.email}.",
        ):
            response = client.post("/desk/", {"who": typed})
            assert response["Location"] == f"/desk/people/{jane.pk}/"

    @pytest.mark.parametrize(
        "typed", ["", "nobody@x.example", "Larkfield", "'; --", "\x00", "x" * 400]
    )
    def test_what_is_not_there(self, client: Client, practice: Practice, typed: str) -> None:
        response = client.post("/desk/", {"who": typed})
        assert response.status_code == 422
        assert practice.name not in text_of(response)

    def test_where_they_land(self, client: Client) -> None:
        assert client.get("/")["Location"] == "/desk/"


class TestPractice:
    """``/desk/practices/…/``."""

    @pytest.mark.usefixtures("desk")
    def test_its_number_on_record_and_its_people(
        self, client: Client, practice: Practice, jane: User
    ) -> None:
        page = words(client.get(f"/desk/practices/{practice.pk}/"))
        assert "Number on record of Larkfield Surgery (Z91001): 01632 960 101" in page
        assert f"Jane Doe {jane.email}" in page
        assert "This number is new" not in page

    @pytest.mark.usefixtures("desk")
    @pytest.mark.parametrize(("ago", "is_red"), [(0, True), (13, True), (14, False)])
    def test_a_new_number_is_red(
        self, client: Client, practice: Practice, ago: int, is_red: bool
    ) -> None:
        today = timezone.localdate()  # the page's: the run may have begun yesterday
        Practice.objects.update(phone_changed_on=today - timedelta(days=ago))
        page = text_of(client.get(f"/desk/practices/{practice.pk}/"))
        assert ("nhsuk-tag--red" in page) is is_red
        assert ("This number is new" in page) is is_red

    @pytest.mark.usefixtures("desk")
    @pytest.mark.parametrize("page", ["0", "9", "x", "9" * 30, "²"])
    def test_odd_pages(self, client: Client, practice: Practice, page: str) -> None:
        assert client.get(f"/desk/practices/{practice.pk}/?page={page}").status_code == 200

    @pytest.mark.usefixtures("desk")
    def test_one_that_is_not_there(self, client: Client) -> None:
        assert client.get("/desk/practices/0/").status_code == 404

    @pytest.mark.usefixtures("desk")
    @pytest.mark.parametrize("count", [0, 60])
    def test_its_queries_do_not_grow(
        self, client: Client, practice: Practice, count: int, django_assert_num_queries: Any
    ) -> None:
        for _ in range(count):
            factories.person(at=practice)
        # Where nobody is counted nobody is looked for.
        with django_assert_num_queries(5 if count else 4):
            client.get(f"/desk/practices/{practice.pk}/")


class TestPerson:
    """``/desk/people/…/``."""

    @pytest.mark.usefixtures("desk")
    def test_why_codes_were_refused_without_secrets(self, client: Client, jane: User) -> None:
        for reason, said in (
            ("used", "Code already used"),
            ("clock +180 s", "the clock of their device is about 3 minutes fast"),
            ("clock -30 s", "the clock of their device is about 1 minute slow"),
            ("too many", "Too many wrong codes in a row"),
            ("stopped", "the account is locked"),
            ("wrong", "Wrong code"),
        ):
            AuditEvent.objects.create(
                at=NOW,
                event=Event.FACTOR_REFUSED,
                factor=Factor.AUTHENTICATOR,
                reason=reason,
                person=jane,
                browser="",
            )
            page = words(client.get(f"/desk/people/{jane.pk}/"))
            assert said in page
        assert jane.authenticators.get().secret not in page

    @pytest.mark.usefixtures("desk")
    def test_what_can_be_done_and_why_the_rest_cannot(self, client: Client, jane: User) -> None:
        page = text_of(client.get(f"/desk/people/{jane.pk}/"))
        assert f"/desk/people/{jane.pk}/reset/" in page
        assert f"/desk/people/{jane.pk}/unlock/" not in page
        assert "Jane Doe is not locked" in page
        User.objects.filter(pk=jane.pk).update(locked_at=NOW)
        page = text_of(client.get(f"/desk/people/{jane.pk}/"))
        assert f"/desk/people/{jane.pk}/unlock/" in page
        assert "nhsuk-tag--red" in page

    @pytest.mark.usefixtures("desk")
    def test_who_works_in_several_places(self, client: Client, jane: User) -> None:
        other = factories.practice(ods_code="Z91009", name="Highfield Surgery")
        Membership.objects.create(user=jane, practice=other, role=Role.STAFF)
        page = words(client.get(f"/desk/people/{jane.pk}/"))
        assert "Highfield Surgery (Z91009): Practice staff" in page
        assert "The account belongs to Larkfield Surgery: call back there" in page

    def test_a_colleague_an_operator_and_themselves(self, client: Client, desk: Membership) -> None:
        for user, said in (
            (factories.active_person(role=Role.SERVICE_DESK), "Works at Service desk"),
            (factories.active_person(role=Role.OPERATOR), "Only an operator can do this"),
            (desk.user, "You cannot do this for your own account"),
        ):
            assert said in words(client.get(f"/desk/people/{user.pk}/"))
        assert client.get("/desk/people/0/").status_code == 404

    @pytest.mark.parametrize("count", [0, 30])
    def test_its_queries_do_not_grow(
        self,
        client: Client,
        desk: Membership,
        jane: User,
        count: int,
        django_assert_num_queries: Any,
    ) -> None:
        for _ in range(count):
            actions_cases.open_case(jane.pk, CaseKind.RESET, SAID, acting(desk, **HOW))
            factories.authenticator(jane)
            AuditEvent.objects.create(
                at=NOW, event=Event.FACTOR_REFUSED, reason="used", person=jane, browser=""
            )
        # Of more than a page of refusals it is counted how many there are.
        with django_assert_num_queries(14 if count else 13):
            client.get(f"/desk/people/{jane.pk}/")

    @pytest.mark.usefixtures("desk")
    def test_every_refusal_and_every_case_is_reached(
        self, client: Client, jane: User, practice: Practice
    ) -> None:
        AuditEvent.objects.bulk_create(
            AuditEvent(at=NOW - number * DAY, event=Event.FACTOR_REFUSED, reason="used",
                       person=jane, browser="")
            for number in range(45)
        )  # fmt: skip
        case = {"kind": CaseKind.RESET, "state": CaseState.DONE, "opened_at": NOW, "done_at": NOW}
        Case.objects.bulk_create(
            Case(**case, person=jane, practice=practice, reason=f"R{number}")
            for number in range(120)
        )
        page = text_of(client.get(f"/desk/people/{jane.pk}/"))
        assert "Refused, latest first (1 to 20 of 45)" in page
        assert "Cases (1 to 50 of 120)" in page
        for name, count in (("refusals", 3), ("cases", 3)):
            address, visited = f"/desk/people/{jane.pk}/", 0
            while address:
                page = text_of(client.get(address))
                visited += 1
                address = next(iter(re.findall(f'href="([^"]+{name})">Next page', page)), "")
                assert address.endswith(f"#{name}") or not address
            assert visited == count
        assert "Refused, latest first (1 to 20 of 45)" in page  # the other list stays
        assert "Cases (101 to 120 of 120)" in page

    @pytest.mark.usefixtures("desk")
    def test_an_email_that_did_not_go_out(self, client: Client, jane: User) -> None:
        factories.unsent_mail(jane.email, trouble=Trouble.NO_SUCH_ADDRESS)
        page = words(client.get(f"/desk/people/{jane.pk}/"))
        assert f"We could not send an email to {jane.email}" in page
        assert "the address does not exist" in page
        assert "Ask their practice administrator to correct it" in page


class TestEmails:
    """``/desk/emails/``, and the overview's line that leads there."""

    def test_to_whom_none_went_out_and_why(
        self, client: Client, desk: Membership, jane: User, practice: Practice
    ) -> None:
        assert "have not been sent" not in words(client.get("/desk/"))
        assert "All emails have been sent" in words(client.get("/desk/emails/"))
        Practice.objects.filter(pk=practice.pk).update(notices_email="Notices@larkfield.example")
        factories.unsent_mail(jane.email, trouble=Trouble.NO_SUCH_ADDRESS)
        factories.unsent_mail("notices@larkfield.example", trouble=Trouble.REFUSED)
        factories.unsent_mail(desk.user.email, minutes=11)
        assert "Emails to 3 addresses have not been sent" in words(client.get("/desk/"))
        page = words(client.get("/desk/emails/"))
        for said in (
            "3 addresses",
            f"{jane.full_name} What happened We could not send an email to {jane.email}",
            "the address does not exist. What happens next Correct the email address",
            f"{practice.name} What happened An email to notices@larkfield.example has not been",
            ": our mail server refuses it. What happens next We will keep trying until",
            f"{desk.user.full_name} What happened An email to {desk.user.email} has not been sent",
        ):
            assert said in page, page
        assert "asked on the PharmRefer login page" not in page  # its words

    @pytest.mark.usefixtures("desk")
    def test_what_is_no_news(self, client: Client, jane: User, boss: User) -> None:
        other = factories.person()
        factories.unsent_mail(jane.email, minutes=9, trouble=Trouble.BUSY)
        factories.unsent_mail("nobody@any.example", trouble=Trouble.NO_SUCH_ADDRESS)  # moved since
        factories.unsent_mail(boss.email, minutes=30, trouble=Trouble.NO_SUCH_ADDRESS)
        factories.unsent_mail(boss.email, minutes=20, sent_at=NOW, next_try_at=None)
        factories.unsent_mail(other.email, minutes=20, sent_at=NOW, next_try_at=None)
        assert "All emails have been sent" in words(client.get("/desk/emails/"))
        assert "have not been sent" not in words(client.get("/desk/"))

    @pytest.mark.usefixtures("desk")
    def test_each_address_is_listed_once_with_its_newest(self, client: Client, jane: User) -> None:
        factories.unsent_mail(jane.email, minutes=60, trouble=Trouble.BUSY)
        factories.unsent_mail(jane.email, minutes=30, trouble=Trouble.UNSURE)
        page = words(client.get("/desk/emails/"))
        assert "1 address, the longest wait first" in page
        assert "has not said whether it took it" in page
        assert "asks us to wait" not in page

    @pytest.mark.usefixtures("desk")
    def test_none_of_many_is_left_out(self, client: Client) -> None:
        emails = [factories.person().email for _ in range(53)]
        for number, email in enumerate(emails):
            factories.unsent_mail(email, minutes=100 - number, trouble=Trouble.REFUSED)
        first, second = (words(client.get(f"/desk/emails/?page={page}")) for page in (1, 2))
        assert "53 addresses" in first
        assert [email for email in emails if email not in first] == emails[50:]
        assert [email for email in emails if email in second] == emails[50:]
        for page in ("", "0", "9", "x", "1" * 50, "²"):
            assert client.get("/desk/emails/", {"page": page}).status_code == 200

    @pytest.mark.usefixtures("desk")
    @pytest.mark.parametrize("count", [1, 30])
    def test_its_queries_do_not_grow(
        self, client: Client, jane: User, count: int, django_assert_num_queries: Any
    ) -> None:
        Practice.objects.update(notices_email="notices@larkfield.example")
        for email in (jane.email, "notices@larkfield.example"):
            factories.unsent_mail(email)
        for _ in range(count):
            factories.unsent_mail(factories.person().email)
        with django_assert_num_queries(5):
            client.get("/desk/emails/")


class TestOverview:
    """``/desk/``."""

    def test_everything_that_needs_action(
        self, client: Client, desk: Membership, second: Membership, jane: User, boss: User
    ) -> None:
        case = waiting(boss, second)
        locked = factories.active_person()
        User.objects.filter(pk=locked.pk).update(locked_at=NOW, given_name="Lou")
        gone = factories.active_person()
        User.objects.filter(pk=gone.pk).update(locked_at=NOW, given_name="Gone")
        gone.memberships.update(off_at=NOW)
        User.objects.filter(pk=factories.person(given_name="Kim").pk).update(
            locked_at=NOW, is_active=False
        )
        for number in range(4):
            actions_cases.open_case(jane.pk, CaseKind.RESET, SAID, acting(desk, **HOW))
            factories.authenticator(jane)
            page = words(client.get("/desk/"))
            assert ("times in 30 days" in page) == (number >= 2)
            assert ("fourth or more" in page) == (number >= 3)
        page = words(client.get("/desk/"))
        for said in (
            f"{case.pk}: Reset authenticator",
            "Waiting for a colleague to approve. Without approval it can go ahead",
            "Lou Doe",
            "Jane Doe : 4 times in 30 days",
            "the fourth or more within an hour",
            "Number 4",
        ):
            assert said in page, page
        assert "Gone Doe" not in page
        assert "Kim Doe" not in page

    def test_practices_without_an_administrator(self, client: Client, desk: Membership) -> None:
        for name, role, change in (
            ("Only staff", Role.STAFF, {}),
            ("With one", Role.PRACTICE_ADMINISTRATOR, {}),
            ("One who never logged in", Role.PRACTICE_ADMINISTRATOR, {}),
            ("One who left", Role.PRACTICE_ADMINISTRATOR, {"role": Role.STAFF}),
            ("One who was turned off", Role.PRACTICE_ADMINISTRATOR, {}),
            ("Nobody any more", Role.STAFF, {"off_at": NOW}),
        ):
            made = factories.person(role=role, at=factories.practice(name=name))
            made.memberships.update(**change)
            if name != "One who never logged in":
                User.objects.filter(pk=made.pk).update(last_login=NOW)
            if name == "One who was turned off":
                User.objects.filter(pk=made.pk).update(is_active=False)
                factories.person(at=made.memberships.get().practice)
        factories.practice(name="Nobody yet")
        closed = factories.person(at=factories.practice(name="Closed")).memberships.get().practice
        Practice.objects.filter(pk=closed.pk if closed else 0).update(closed_on=TODAY)
        page = text_of(client.get("/desk/"))
        listed = re.findall(r'<a href="/desk/practices/\d+/">([^<]+)</a>', page)
        assert listed == [
            *("Only staff", "One who never logged in", "One who left", "One who was turned off")
        ]
        assert desk.user.full_name in page

    def test_what_was_disputed_stands_first(
        self, client: Client, desk: Membership, jane: User
    ) -> None:
        case, _ = actions_cases.open_case(jane.pk, CaseKind.RESET, SAID, acting(desk, **HOW))
        disputes.dispute(case.pk, acting(**HOW))
        page = words(client.get("/desk/"))
        assert page.index("find out who called") < page.index("Open cases")
        assert "Done, then reported: it was not them" in page

    def test_what_was_disputed_long_ago_does_not(
        self, client: Client, desk: Membership, jane: User
    ) -> None:
        then = HOW | {"now": NOW - 8 * DAY}
        case, _ = actions_cases.open_case(jane.pk, CaseKind.RESET, SAID, acting(desk, **then))
        disputes.dispute(case.pk, acting(**then))
        assert "find out who called" not in words(client.get("/desk/"))

    def test_a_day_with_many_more_resets_than_usual_is_marked(
        self, client: Client, desk: Membership, jane: User
    ) -> None:
        done = {"kind": CaseKind.RESET, "state": CaseState.DONE, "person": jane, "opened_at": NOW}
        cases = [Case(**done, done_at=NOW, ended_by=desk.user) for _ in range(11)]
        Case.objects.bulk_create(cases[:10])
        assert "Many more than usual" not in words(client.get("/desk/"))
        Case.objects.bulk_create(cases[10:])
        assert "11 Many more than usual" in words(client.get("/desk/"))

    @pytest.mark.parametrize("count", [0, 20])
    def test_its_queries_do_not_grow(
        self,
        client: Client,
        desk: Membership,
        second: Membership,
        count: int,
        django_assert_num_queries: Any,
    ) -> None:
        for _ in range(count):
            at = factories.practice()
            boss = factories.active_person(role=Role.PRACTICE_ADMINISTRATOR, at=at)
            waiting(boss, second)
            user = factories.active_person()
            actions_cases.open_case(user.pk, CaseKind.RESET, SAID, acting(desk, **HOW))
            User.objects.filter(pk=user.pk).update(locked_at=NOW)
            factories.unsent_mail(user.email, trouble=Trouble.REFUSED)
        with django_assert_num_queries(9):
            client.get("/desk/")

    @pytest.fixture
    def many(self, desk: Membership, jane: User, practice: Practice) -> None:
        """Have more of everything than a page shows."""
        count, minute = 120, timedelta(minutes=1)
        people = User.objects.bulk_create(
            User(email=f"n{number}@larkfield.example", given_name=f"N{number}", family_name="Doe",
                 locked_at=NOW - number * minute)
            for number in range(count)
        )  # fmt: skip
        practices = Practice.objects.bulk_create(
            Practice(ods_code=f"Y{number:05}", name=f"P{number} Surgery", icb=practice.icb)
            for number in range(count)
        )
        Membership.objects.bulk_create(
            Membership(user=user, practice=at, role=Role.STAFF)
            for user, at in zip(people, practices, strict=True)
        )
        open_case = {"kind": CaseKind.RESET, "person": jane, "practice": practice, "ended_by": None}
        of_case: list[dict[str, Any]] = [
            {"state": CaseState.WAITING, "opened_at": NOW},
            {"state": CaseState.DISPUTED, "opened_at": NOW, "disputed_at": NOW},
        ]
        done = {"state": CaseState.DONE, "ended_by": desk.user, "opened_at": NOW}
        Case.objects.bulk_create(
            Case(**open_case | each | {"opened_at": NOW - number * minute})
            for number in range(count)
            for each in of_case
        )
        Case.objects.bulk_create(  # three of each: a user is reset too often
            Case(**open_case | done | {"person": user, "done_at": NOW - minute})
            for user in people
            for _ in range(3)
        )

    @pytest.mark.usefixtures("desk", "many")
    @pytest.mark.parametrize(
        ("name", "row", "count", "pages"),
        [
            ("objected", r">(\d+): Reset authenticator</a>", 120, 3),
            ("open-cases", r">(\d+): Reset authenticator</a>", 120, 3),
            ("reset-often", r">(N\d+) Doe</a>: 3 times", 120, 3),
            ("many-resets", r">case (\d+)</a>", 357, 8),
            ("locked", r">(N\d+) Doe</a>", 120, 3),
            ("without-administrator", r">(P\d+) Surgery</a>", 121, 3),
        ],
    )
    def test_everything_that_needs_action_is_counted_and_reached(
        self, client: Client, name: str, row: str, count: int, pages: int
    ) -> None:
        page = text_of(client.get("/desk/"))
        assert f"(1 to 50 of {count})" in page
        assert f'href="/desk/{name}/">See all {count} ' in page
        visited = list(walk(client, f"/desk/{name}/"))
        found = [each for page in visited for each in re.findall(row, page)]
        if name == "without-administrator":
            found.append("Larkfield Surgery")  # the practice of jane, by its name
        assert (len(visited), len(found), len(set(found))) == (pages, count, count)
        assert f"1 to 50 of {count}" in visited[0]

    @pytest.mark.usefixtures("desk", "many")
    def test_counting_is_a_query_a_list_however_long(
        self, client: Client, django_assert_num_queries: Any
    ) -> None:
        with django_assert_num_queries(9 + 6):
            client.get("/desk/")

    @pytest.mark.usefixtures("desk")
    @pytest.mark.parametrize("asked", ["after.1", "before.x.y", "after.-1.-1", "\x00"])
    def test_an_address_that_asks_for_no_page_shows_the_first(
        self, client: Client, asked: str
    ) -> None:
        for name in ("objected", "open-cases", "reset-often", "many-resets", "locked"):
            response = client.get(f"/desk/{name}/", {"page": asked})
            assert response.status_code == 200
            assert "There are none at the moment." in text_of(response)
        page = text_of(client.get("/desk/without-administrator/", {"page": asked}))
        assert "There are none at the moment." in page

    def test_other_roles_are_not_let_in(self, client: Client, boss: User) -> None:
        factories.sign_in(client, boss)
        assert client.get("/desk/locked/").status_code == 403


class TestOpening:
    """The pages on which a case is opened."""

    @pytest.mark.usefixtures("desk")
    def test_a_reset_shows_the_number_and_then_the_code_once(
        self, client: Client, jane: User
    ) -> None:
        address = f"/desk/people/{jane.pk}/reset/"
        page = words(client.get(address))
        assert "01632 960 101" in page
        assert "Do not accept an ODS code, name or number from the caller as proof" in page
        page = text_of(client.post(address, CALL))
        (code,) = CODE.findall(page)
        assert all(f"<li>{group}</li>" in page for group in telephone.spelt(code))
        assert "Jane Doe&#39;s authenticator was reset" in page
        case = Case.objects.get()
        for after in (f"/desk/cases/{case.pk}/", f"/desk/people/{jane.pk}/", "/desk/"):
            assert code not in text_of(client.get(after))

    @pytest.mark.usefixtures("desk")
    @pytest.mark.parametrize("caller", ["https://phish.example", "Jane. Reset it!", "-"])
    def test_the_caller_s_name_is_no_message_for_it_is_e_mailed(
        self, client: Client, jane: User, caller: str
    ) -> None:
        response = client.post(f"/desk/people/{jane.pk}/reset/", CALL | {"caller": caller})
        assert response.status_code == 422
        assert not Case.objects.exists()

    @pytest.mark.usefixtures("desk")
    @pytest.mark.parametrize("missing", CALL)
    def test_what_is_missing_is_said_and_nothing_is_done(
        self, client: Client, jane: User, missing: str
    ) -> None:
        typed = {name: text for name, text in CALL.items() if name != missing}
        response = client.post(f"/desk/people/{jane.pk}/reset/", typed)
        assert response.status_code == 422
        page = text_of(response)
        for name in {"ticket", "caller", "reason"} - {missing}:
            assert f'value="{CALL[name]}"' in page
        assert not Case.objects.exists()

    @pytest.mark.usefixtures("desk")
    def test_what_nobody_may_set(self, client: Client, boss: User) -> None:
        """Neither whose it is, nor the number, nor that it may be done at once."""
        more = {
            "person": str(boss.pk),
            "phone": "01632 960999",
            "state": "done",
            "ready_at": "2020-01-01",
            "approved_at": "2020-01-01",
            "by": str(boss.pk),
        }
        client.post(f"/desk/people/{boss.pk}/reset/", CALL | more)
        case = Case.objects.get()
        assert (case.state, case.phone, case.person) == (CaseState.WAITING, "01632 960101", boss)
        assert case.approved_at is None
        assert case.ready_at
        assert case.ready_at > NOW

    @pytest.mark.usefixtures("desk")
    def test_a_case_that_waits_says_so(self, client: Client, boss: User) -> None:
        address = f"/desk/people/{boss.pk}/reset/"
        assert "has to wait for 24 hours" in words(client.get(address))
        response = client.post(address, CALL, follow=True)
        page = words(response)
        assert "The case is open" in page
        assert "You have opened it, so a colleague has to approve it" in page
        again = client.post(address, CALL)
        assert again.status_code == 422
        assert "There is already a case for this" in words(again)

    @pytest.mark.usefixtures("desk")
    def test_who_is_refused_is_told_why(self, client: Client, jane: User) -> None:
        User.objects.filter(pk=jane.pk).update(email="surgery.z91001@larkfield.example")
        address = f"/desk/people/{jane.pk}/reset/"
        assert "looks like a shared login" in words(client.get(address))
        assert client.post(address, CALL).status_code == 422
        assert client.post("/desk/people/0/reset/", CALL).status_code == 404
        assert not Case.objects.exists()

    @pytest.mark.usefixtures("desk")
    def test_unlock_and_activation(self, client: Client, jane: User) -> None:
        User.objects.filter(pk=jane.pk).update(locked_at=NOW)
        page = words(client.post(f"/desk/people/{jane.pk}/unlock/", CALL))
        assert "Jane Doe&#39;s account was unlocked" in page
        jane.authenticators.all().delete()
        page = text_of(client.post(f"/desk/people/{jane.pk}/activation/", CALL))
        assert CODE.search(page)

    @pytest.mark.usefixtures("desk")
    def test_what_was_typed_survives_a_confirmation_that_has_lapsed(
        self, client: Client, jane: User
    ) -> None:
        Session.objects.update(confirmed_at=timezone.now() - timedelta(hours=1))
        address = f"/desk/people/{jane.pk}/reset/"
        led = client.post(address, CALL)
        assert "/account/confirm/?next=" in client.get(led["Location"])["Location"]
        Session.objects.update(confirmed_at=timezone.now())
        assert 'value="INC-20417"' in text_of(client.get(led["Location"]))

    @pytest.mark.usefixtures("desk")
    def test_a_new_administrator(self, client: Client, practice: Practice) -> None:
        address = f"/desk/practices/{practice.pk}/administrator/"
        assert address in text_of(client.get(f"/desk/practices/{practice.pk}/"))
        details = {
            "given_name": "Ida",
            "family_name": "Hill",
            "email": "reception@larkfield.example",
            "job_role": "Practice manager",
        }
        response = client.post(address, CALL | details | {"role": "operator"})
        assert response.status_code == 422
        assert "suggests a shared mailbox" in words(response)
        assert 'value="Ida"' in text_of(response)
        details["email"] = "ida.hill@larkfield.example"
        page = words(client.post(address, CALL | details, follow=True))
        assert "Make practice administrator" in page
        assert "ida.hill@larkfield.example" in page

    @pytest.mark.usefixtures("desk")
    def test_one_of_its_people_as_administrator(self, client: Client, jane: User) -> None:
        member = jane.memberships.get()
        address = f"/desk/places/{member.pk}/administrator/"
        assert address in text_of(client.get(f"/desk/practices/{member.practice_id}/"))
        assert client.get(address).status_code == 200
        page = words(client.post(address, CALL, follow=True))
        assert "Waiting for a colleague to approve" in page
        assert client.post("/desk/places/0/administrator/", CALL).status_code == 404

    def test_a_place_in_no_practice_has_no_administrator(
        self, client: Client, desk: Membership
    ) -> None:
        assert client.get(f"/desk/places/{desk.pk}/administrator/").status_code == 404

    @pytest.mark.usefixtures("desk")
    def test_a_practice_that_helps_itself(
        self, client: Client, practice: Practice, boss: User
    ) -> None:
        factories.active_person(role=Role.PRACTICE_ADMINISTRATOR, at=practice)
        page = words(client.get(f"/desk/practices/{practice.pk}/"))
        assert f"already has administrators, who can add more: {boss.full_name}" in page
        response = client.post(f"/desk/practices/{practice.pk}/administrator/", CALL)
        assert response.status_code == 422
        assert not Case.objects.exists()


class TestCase:
    """The page of a case, and what is done on it."""

    def test_another_member_approves_and_the_first_carries_it_out(
        self, client: Client, desk: Membership, second: Membership, boss: User
    ) -> None:
        case = waiting(boss, desk)
        page = text_of(client.get(f"/desk/cases/{case.pk}/"))
        assert f"/desk/cases/{case.pk}/approve/" not in page
        assert f"/desk/cases/{case.pk}/carry-out/" not in page
        response = client.post(f"/desk/cases/{case.pk}/approve/")
        assert response.status_code == 422
        assert "You opened this case" in text_of(response)
        response = client.post(f"/desk/cases/{case.pk}/carry-out/", {"checked": "yes"})
        assert response.status_code == 422
        assert "second member has to approve" in text_of(response)

        other = Client(headers={"x-forwarded-proto": "https"})
        factories.confirmed(factories.sign_in(other, second.user))
        assert f"/desk/cases/{case.pk}/approve/" in text_of(other.get(f"/desk/cases/{case.pk}/"))
        User.objects.filter(pk=boss.pk).update(
            email_changed_at=NOW - DAY, email_before="jane.before@x.example"
        )
        Practice.objects.update(phone_changed_on=TODAY, closed_on=TODAY)
        shown = words(other.get(f"/desk/cases/{case.pk}/approve/"))
        for said in (
            "Number on record of Larkfield Surgery (Z91001): 01632 960 101",
            "This number is new",
            "This practice has closed",
            "The email address was changed yesterday",
            "jane.before@x.example",
            "INC-20417",
        ):
            assert said in shown, shown
        Practice.objects.update(closed_on=None)
        page = words(other.post(f"/desk/cases/{case.pk}/approve/", follow=True))
        assert "You have approved it" in page
        again = other.post(f"/desk/cases/{case.pk}/approve/", follow=True)
        assert "Someone else has just done or changed that" in words(again)

        response = client.post(f"/desk/cases/{case.pk}/carry-out/", {})
        assert response.status_code == 422
        assert "Call Larkfield Surgery back on 01632 960 101" in words(response)
        page = text_of(client.post(f"/desk/cases/{case.pk}/carry-out/", {"checked": "yes"}))
        assert CODE.search(page)
        page = words(client.get(f"/desk/cases/{case.pk}/"))
        assert "Carried out" in page
        gone = client.post(f"/desk/cases/{case.pk}/carry-out/", {"checked": "yes"})
        assert gone["Location"] == f"/desk/cases/{case.pk}/?because=again"

    def test_it_is_ended(self, client: Client, desk: Membership, boss: User) -> None:
        case = waiting(boss, desk)
        assert "Nothing changes" in words(client.get(f"/desk/cases/{case.pk}/refuse/"))
        page = words(client.post(f"/desk/cases/{case.pk}/refuse/", follow=True))
        assert "Withdrawn" in page
        assert boss.authenticators.exists()

    def test_a_case_about_oneself_can_be_seen_only(
        self, client: Client, desk: Membership, second: Membership
    ) -> None:
        case = waiting(desk.user, second)
        page = text_of(client.get(f"/desk/cases/{case.pk}/"))
        assert "This is about your own account" in page
        assert "/approve/" not in page
        assert client.post(f"/desk/cases/{case.pk}/approve/").status_code == 422

    @pytest.mark.usefixtures("desk")
    def test_a_case_by_an_operator(self, client: Client, jane: User) -> None:
        actions_cases.reset_at_console(jane, "Nobody on duty", acting(**HOW))
        page = words(client.get(f"/desk/cases/{Case.objects.get().pk}/"))
        assert "An operator, at a console" in page

    @pytest.mark.usefixtures("desk")
    def test_one_that_is_not_there(self, client: Client) -> None:
        for what in ("", "approve/", "refuse/", "carry-out/"):
            assert client.post(f"/desk/cases/0/{what}").status_code in {404, 405}

    def test_one_that_is_too_old(self, client: Client, desk: Membership, boss: User) -> None:
        then = HOW | {"now": NOW - 8 * DAY}
        case, _ = actions_cases.open_case(boss.pk, CaseKind.RESET, SAID, acting(desk, **then))
        page = words(client.get(f"/desk/cases/{case.pk}/"))
        assert "Expired" in page
        assert "/carry-out/" not in page

    def test_a_demoted_member_is_out_at_the_next_request(
        self, client: Client, desk: Membership, boss: User
    ) -> None:
        case = waiting(boss, desk)
        Membership.objects.filter(pk=desk.pk).update(role=Role.OPERATOR)
        assert client.get(f"/desk/cases/{case.pk}/").status_code == 403
        Membership.objects.filter(pk=desk.pk).update(off_at=NOW)
        assert client.get(f"/desk/cases/{case.pk}/").status_code == 302


class TestNotMe:
    """``/not-me/``."""

    def test_opening_it_changes_nothing_and_pressing_stops_it(
        self, desk: Membership, jane: User
    ) -> None:
        actions_cases.open_case(jane.pk, CaseKind.RESET, SAID, acting(desk, **HOW))
        address = f"/not-me/?key={keys_mailed(jane)[0]}"
        outside = Client(headers={"x-forwarded-proto": "https"})
        for _ in range(2):
            page = words(outside.get(address))
            assert "Someone asked to reset Jane Doe&#39;s authenticator" in page
        assert Case.objects.get().state == CaseState.DONE
        assert "You have stopped this" in words(outside.post(address))
        assert Case.objects.get().state == CaseState.DISPUTED
        jane.refresh_from_db()
        assert jane.locked_at
        assert "This link does not work" in words(outside.post(address))

    @pytest.mark.parametrize("query", ["", "?key=", "?key=x", "?key=MQ:x:y", "?key=%00"])
    def test_odd_links(self, client: Client, query: str) -> None:
        for method in (client.get, client.post):
            assert "This link does not work" in words(method(f"/not-me/{query}"))


class TestAllowed:
    """``/desk/addresses/``."""

    @pytest.mark.usefixtures("desk")
    def test_one_is_allowed_with_a_reason(self, client: Client) -> None:
        typed = {"email": "<Office@larkfield.example>,", "reason": "Only Ida reads it"}
        page = words(client.post("/desk/addresses/", typed, follow=True))
        assert "office@larkfield.example" in page
        assert "Only Ida reads it" in page
        address = f"/desk/addresses/{AllowedAddress.objects.get().pk}/take-back/"
        assert address in text_of(client.get("/desk/addresses/"))
        for _ in range(2):
            assert "no longer allowed" in words(client.post(address, follow=True))
        assert not AllowedAddress.objects.exists()

    def test_every_one_is_reached(self, client: Client, desk: Membership) -> None:
        AllowedAddress.objects.bulk_create(
            AllowedAddress(mailbox=f"n{number}@larkfield.example", reason="hers", by=desk.user,
                           at=NOW - timedelta(minutes=number // 7))
            for number in range(163)
        )  # fmt: skip
        visited = list(walk(client, "/desk/addresses/"))
        found = [each for page in visited for each in re.findall(r"<span>(n\d+)@", page)]
        assert len(set(found)) == len(found) == 163
        assert "Allowed (151 to 163 of 163)" in visited[-1]

    @pytest.mark.usefixtures("desk")
    @pytest.mark.parametrize("email", ["", "x", "\x00", "a" * 250 + "@b.example"])
    def test_what_is_no_address_is_said(self, client: Client, email: str) -> None:
        response = client.post("/desk/addresses/", {"email": email, "reason": "her own"})
        assert response.status_code == 422
        assert 'value="her own"' in text_of(response)


class TestPracticesOwn:
    """``/people/…/reset/``."""

    @pytest.fixture
    def there(self, client: Client, boss: User) -> Membership:
        factories.confirmed(factories.sign_in(client, boss))
        return boss.memberships.get()

    @pytest.mark.usefixtures("there")
    def test_it_is_not_there_unless_switched_on(self, client: Client, jane: User) -> None:
        member = jane.memberships.get()
        assert settings.PRACTICES_RESET is False
        assert client.get(f"/people/{member.pk}/reset/").status_code == 404
        assert "/reset/" not in text_of(client.get(f"/people/{member.pk}/"))

    @override_settings(PRACTICES_RESET=True)
    @pytest.mark.usefixtures("there")
    def test_it_asks_why_and_shows_the_code_once(self, client: Client, jane: User) -> None:
        member = jane.memberships.get()
        address = f"/people/{member.pk}/reset/"
        assert address in text_of(client.get(f"/people/{member.pk}/"))
        response = client.post(address, {"reason": "New phone"})
        assert response.status_code == 422
        assert "Speak to Jane Doe first" in words(response)
        page = text_of(client.post(address, {"reason": "New phone", "checked": "yes"}))
        (code,) = CODE.findall(page)
        assert all(f"<li>{group}</li>" in page for group in telephone.spelt(code))
        assert not jane.authenticators.exists()

    @override_settings(PRACTICES_RESET=True)
    def test_neither_themselves_nor_another_s(self, client: Client, there: Membership) -> None:
        typed = {"reason": "x", "checked": "yes"}
        page = text_of(client.get(f"/people/{there.pk}/"))
        assert "/reset/" not in page
        assert client.post(f"/people/{there.pk}/reset/", typed).status_code == 422
        other = factories.member()
        assert client.post(f"/people/{other.pk}/reset/", typed).status_code == 404
        assert not Case.objects.exists()


def doors(numbers: set[int], referrals: set[str]) -> Iterator[tuple[str, str]]:
    """Yield every route with each address that it has for some rows."""
    for name, (address, _view) in routes().items():
        with_numbers = {address.replace("<int:number>", str(each)) for each in numbers}
        for there in sorted(with_numbers):
            for each in {re.sub("<uuid:[a-z_]+>", referral, there) for referral in referrals}:
                yield name, each


def test_no_page_of_the_service_desk_shows_a_patient(
    client: Client, desk: Membership, second: Membership, jane: User, boss: User
) -> None:
    """Whatever they ask for, while a referral is on its way and another one is half written."""
    sender = jane.memberships.get()
    referral, draft = factories.sent(by=sender), factories.draft(by=sender)
    case = waiting(boss, second)
    assert PATIENT.search(str(referral.details))
    numbers = {sender.practice_id or 0, jane.pk, boss.pk, case.pk, sender.pk, desk.pk}
    opened = set()
    for name, there in doors(numbers, {str(referral.pk), str(draft.pk)}):
        if name not in {"accounts:log-out", "accounts:end-others"}:
            for response in (client.get(there), client.post(there)):
                assert not PATIENT.search(response.content.decode()), there
                assert not name.startswith("referrals:") or response.status_code in {403, 405}
                if response.status_code == 200:
                    opened.add(name)
    assert {"accounts:desk", "accounts:desk-person", "accounts:case", "accounts:account"} <= opened
