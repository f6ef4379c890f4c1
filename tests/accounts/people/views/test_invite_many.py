"""The page on which a whole list is invited: checked first, and then everybody or nobody."""

import random
import re
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models.people import Membership, Practice, User
from accounts.models.sessions import Session
from accounts.people.rosters import COLUMNS
from accounts.people.views import invite_many
from accounts.roles import Role
from accounts.text.names import ONE_NAME
from tests import factories
from tests.pages import text_of, would_send
from tests.workbooks import workbook

pytestmark = pytest.mark.django_db
NOW = timezone.now()
ONLY_THEIRS = "Enter an email address that only this person reads"
ASK = ". If only they read this one, ask the service desk to allow it"
MANY = "/people/invite-many/"
FINE = ("New login", "We ask them, and they join with the login they have once they accept")
IDA = "Ida,Hill,ida.hill@larkfield.example,Receptionist"
JON = "Jon;Ash;jon.ash@larkfield.example;Nurse;Practice administrator;"


@pytest.fixture
def practice() -> Practice:
    return factories.practice(ods_code="Z91001")


@pytest.fixture
def boss(client: Client, practice: Practice) -> Membership:
    """An administrator who is signed in and has confirmed a moment ago who they are."""
    found = factories.member(role=Role.PRACTICE_ADMINISTRATOR, at=practice)
    factories.confirmed(factories.sign_in(client, found.user))
    return found


def form_on(page: str) -> dict[str, Any]:
    """Return what the page's form would send, without its button and file."""
    return {
        name: text or "" for name, text in would_send(page).items() if name in {"people", "checked"}
    }


def rows(page: str) -> list[str]:
    """Return the rows of the table, in words."""
    found = re.findall(r'<tr role="row" class="nhsuk-table__row">(.*?)</tr>', page, re.DOTALL)
    words = [" ".join(re.sub("<[^>]+>", " ", row).split()) for row in found]
    cells = r"^Line (\d+) Name (.*?) ?Email (.*?) ?Job role (.*?) ?Role (.*?) ?What happens "
    return [re.sub(cells, r"\1 | \2 | \3 | \4 | \5 | ", row) for row in words]


def problems(page: str) -> list[str]:
    """Return line, name and what is wrong of those that have to be corrected."""
    found = (row.split(" | ", 5) for row in rows(page))
    return [f"{line} | {name} | {words}" for line, name, *_, words in found if words not in FINE]


def people_of(practice: Practice) -> set[str]:
    found = Membership.objects.filter(practice=practice)
    return set(found.values_list("user__email", flat=True))


def upload(client: Client, content: bytes, **more: Any) -> Any:
    return client.post(MANY, {"file": SimpleUploadedFile("list.csv", content), **more})


@pytest.mark.usefixtures("boss")
class TestFirstLook:
    def test_the_list_of_people_leads_to_it(self, client: Client) -> None:
        assert f'href="{MANY}"' in text_of(client.get("/people/"))
        answer = client.get(MANY)
        page = text_of(answer)
        assert answer.status_code == 200
        assert "There is a problem" not in page
        assert ", ".join(COLUMNS.values()) in page
        assert "up to 5,000 people at once, in a list of up to 2 MB" in page
        assert "Keep your own copy" in page
        assert 'name="invite"' not in page

    def test_it_says_what_would_happen_and_stores_nothing(
        self, client: Client, practice: Practice
    ) -> None:
        guest = factories.active_person()
        other = f"Jane,Doe,{guest.email},Nurse"
        before = people_of(practice)
        page = text_of(client.post(MANY, {"people": f"{IDA}\r\n\r\n{other}\r\n"}))
        assert "1 person would get a new login" in page
        assert "1 person has a login already, from another practice" in page
        assert "Nobody has been invited yet" in page
        assert "Invite 2 people" in page
        assert rows(page) == [
            f"1 | Ida Hill | {IDA.split(',')[2]} | Receptionist | Practice staff | {FINE[0]}",
            f"3 | Jane Doe | {guest.email} | Nurse | Practice staff | {FINE[1]}",
        ]
        assert form_on(page)["people"] == f"{IDA}\n\n{other}"
        assert people_of(practice) == before
        assert User.objects.count() == 2

    def test_everything_that_is_wrong_is_told_by_its_line(
        self, client: Client, practice: Practice
    ) -> None:
        here = factories.person(at=practice)
        off = factories.person(at=practice, given_name="Oli")
        off.memberships.update(off_at=NOW)
        desk = factories.person(role=Role.SERVICE_DESK)
        gone = timezone.localdate() - timedelta(days=1)
        text = "\n".join(
            [
                IDA,
                "Ida,Hill,IDA.HILL+two@larkfield.example,Nurse",
                f"Jane,Doe,{here.email},Nurse",
                f"Oli,Doe,{off.email},Nurse",
                f"Jane,Doe,{desk.email},Nurse",
                f"Jon,Ash,{desk.email.replace('jane', 'jon')},",
                "Jon,Ash,reception@larkfield.example,Nurse",
                "Jon,Ash,surgery.z91001@x.example,Nurse",
                "Reception,Desk,r.desk@x.example,Nurse",
                "Jon,Ash,jon ash,Nurse",
                "Jon,Ash,j.ash@x.example,Nurse,partner",
                f"Jon,Ash,jash@x.example,Nurse,staff,{gone:%d/%m/%Y}",
                "Jon,Ash,jona@x.example,Nurse,staff,31/02/2099",
                f"{'J' * 101},Ash,jonas@x.example,Nurse",
                "=1+1,Ash,jonash@x.example,Nurse",
                ",,,Nurse",
            ]
        )
        answer = client.post(MANY, {"people": text})
        page = text_of(answer)
        assert answer.status_code == 422
        assert problems(page) == [
            (
                "2 | Ida Hill | Same person as line 1: IDA.HILL+two@larkfield.example. List each "
                "person once"
            ),
            "3 | Jane Doe | Jane Doe is already one of your people",
            "4 | Oli Doe | Oli Doe was turned off. Turn them on again",
            "5 | Jane Doe | This account cannot be added. Ask the service desk",
            "6 | Jon Ash | Enter the job role, like Receptionist",
            f"7 | Jon Ash | {ONLY_THEIRS}: “reception” suggests a shared mailbox{ASK}",
            f"8 | Jon Ash | {ONLY_THEIRS}: it contains the practice&#39;s code{ASK}",
            (
                "9 | Reception Desk | Enter one person&#39;s name: a login is only for them. If "
                "this is their name, ask the service desk to allow their address"
            ),
            (
                "10 | Jon Ash | Enter a valid email address. Enter an email address with only "
                "letters, digits and . _ &#39; + -"
            ),
            "11 | Jon Ash | The role must be staff or administrator, or empty",
            "12 | Jon Ash | The last day must be today or later",
            "13 | Jon Ash | The last day must be a real date: February 2099 has 28 days",
            f"14 | {'J' * 101} Ash | First name must be 100 characters or fewer",
            (
                "15 | =1+1 Ash | “=1+1” looks like a spreadsheet formula: a cell cannot begin "
                "with =, +, - or @"
            ),
            (
                f"16 |  | Enter the first name. {ONE_NAME} Enter the last name. {ONE_NAME} Enter "
                "the email address"
            ),
        ]
        assert "16 lines: lines to correct come first" in page
        assert rows(page)[-1].startswith("1 | Ida Hill | ida.hill@larkfield.example")
        assert "15 lines cannot be used. Nobody has been invited yet" in page
        assert 'name="invite"' not in page
        assert form_on(page)["people"] == text

    def test_a_long_list_is_seen_whole_page_by_page(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert invite_many.ROWS == 500
        monkeypatch.setattr(invite_many, "ROWS", 5)
        lines = [f"Ida,Hill,ida.{number}@x.example,Nurse" for number in range(1, 13)]
        lines[6] = "Jon,Ash,x,Nurse"
        seen = []
        form = {"people": "\n".join(lines)}
        for number, words in ((1, "1 to 5"), (2, "6 to 10"), (3, "11 to 12")):
            page = text_of(client.post(MANY, {**form, "page": number}))
            assert f"These are {words} of 12." in page
            assert "12 lines: lines to correct come first" in page
            assert (f'name="page" value="{number - 1}"' in page) == (number > 1)
            assert (f'name="page" value="{number + 1}"' in page) == (number < 3)
            seen += [int(row.split(" | ")[0]) for row in rows(page)]
        assert seen == [7, *range(1, 7), *range(8, 13)]

    @pytest.mark.parametrize("page", ["0", "x", "99", ""])
    def test_another_page_than_there_is(self, client: Client, page: str) -> None:
        assert len(rows(text_of(client.post(MANY, {"people": IDA, "page": page})))) == 1

    @pytest.mark.parametrize(("count", "known"), [(2, 0), (30, 30)])
    def test_its_queries_do_not_grow(
        self, client: Client, count: int, known: int, django_assert_num_queries: Any
    ) -> None:
        lines = [f"Jane,Doe,{factories.person().email},Nurse" for _ in range(known)]
        lines += [f"Ida,Hill,ida.{n}@x.example,Nurse" for n in range(count)]
        # The session, whose addresses these are, and where those people are anything already.
        with django_assert_num_queries(4 if known else 3):
            assert client.post(MANY, {"people": "\n".join(lines)}).status_code == 200

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("", "Paste a list, or choose a file"),
            (" \n \x00", "Paste a list, or choose a file"),
            (",,,\n;;", "There are no people in the list"),
            ("First name,Surname,Email,Job role", "There are no people in the list"),
            ("First name,Surname,Email,Job", "There are no people in the list"),
            ("sep=;", "There are no people in the list"),
            ("First name,Surname,Email", "Line 1: there is no column for “Job role”"),
            (f"{IDA}\n" * 5001, "There are 5,001 people in the list"),
            ("x" * 2_000_001, "That is more than 2 MB"),
        ],
    )
    def test_a_list_that_cannot_be_read_is_told_in_plain_words(
        self, client: Client, text: str, words: str
    ) -> None:
        answer = client.post(MANY, {"people": text})
        assert answer.status_code == 422
        assert words in text_of(answer)

    def test_a_list_is_read_as_it_was_pasted_and_names_in_it_are_no_messages(
        self, client: Client
    ) -> None:
        lines = (
            "Ida,Hill,Ida Hill <ida.hill@larkfield.example>,Nurse",
            "Zoe\u0301,O\u2019Brien,mailto:zoe\u200b.obrien@larkfield.example;,Nurse",
            "URGENT: log in at phish.example,Hill,u.hill@x.example,Nurse",
            "Sukarno,.,sukarno@x.example,Nurse",
            "Ida,Hill,i.hill@x.example,see https://phish.example",
        )
        text = "\n".join(lines)
        page = text_of(client.post(MANY, {"people": text}))
        assert [each.partition(" | ")[0] for each in problems(page)] == ["3", "4", "5"]
        assert "If they have only one name" in page

    def test_names_with_odd_letters_do_no_harm(self, client: Client) -> None:
        odd = '"Zoë ""<b>"" \u202e",O’Brien,z.obrien@x.example,<script>\n,,\x07,x\n"'
        page = text_of(client.post(MANY, {"people": odd}))
        assert "<script>\n" not in page
        assert "<b>" not in page


@pytest.mark.usefixtures("boss")
class TestUpload:
    def test_a_workbook_is_read_with_what_was_left_out_named(
        self, client: Client, practice: Practice
    ) -> None:
        headings = ["First name", "Surname", "E-mail", "Job title", "Administrator", "Last day"]
        ida = ["Ida", "Hill", "ida.hill@larkfield.example", "Receptionist", False, ""]
        jon = ["Jon", "Ash", "jon.ash@larkfield.example", "Nurse", True, date(2099, 3, 31)]
        eve = ["Eve", "Doe", "eve.doe@larkfield.example", "Nurse", False, 72775]
        book = workbook(["Staff"], [], headings, ida, jon, eve, hidden=[6], more={"Old": [["x"]]})
        page = text_of(upload(client, book))
        assert "This is the sheet “Staff”. Not read: “Old”." in page
        assert "1 hidden row is left out: 6. Show them in the workbook" in page
        assert "Line 1 above the headings: ignored." in page
        assert "1 person of these would be an administrator of the practice" in page
        assert rows(page) == [
            f"4 | Ida Hill | {ida[2]} | Receptionist | Practice staff | New login",
            (
                f"5 | Jon Ash | {jon[2]} | Nurse | Practice administrator, until 31 March 2099 | "
                "New login"
            ),
        ]
        client.post(MANY, {**form_on(page), "invite": "yes"})
        made = Membership.objects.get(user__email=jon[2])
        assert (made.role, made.ends_on) == (Role.PRACTICE_ADMINISTRATOR, date(2099, 3, 31))
        assert len(people_of(practice)) == 3

    @pytest.mark.parametrize(
        "content",
        [
            "sep=;\r\nFirst name;Surname;Email;Job role;;\r\nZoë;Hill;z.hill@x.example;Nurse;;\r\n",
            "Our staff\r\n\r\nFirst name,Surname,Email,Job role\r\nZoë,Hill,z.hill@x.example,Nurse",
            'Email,First name,Surname,Job role\nz.hill@x.example,Zoë,Hill,"Nurse\n(lead)"\n',
        ],
    )
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252", "mac_roman"])
    def test_files_as_offices_save_them(self, client: Client, content: str, encoding: str) -> None:
        page = text_of(upload(client, content.encode(encoding)))
        assert "1 person would get a new login" in page
        assert "Zoë Hill | z.hill@x.example | Nurse" in rows(page)[0]

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
    def test_a_file_s_text_is_in_the_box_to_be_corrected(
        self, client: Client, encoding: str
    ) -> None:
        text = "Zoë\tO’Brien\tz.obrien@x.example\tNurse\r\nIda\tHill\tx\tNurse\r\n"
        page = text_of(upload(client, text.encode(encoding), people=JON))
        shown = form_on(page)["people"]
        assert shown == text.replace("\r\n", "\n").rstrip()
        assert [row[:3] for row in problems(page)] == ["2 |"]
        page = text_of(client.post(MANY, {"people": shown.replace("x\t", "ida@x.example\t")}))
        assert "2 people would get a new login" in page

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "Paste a list, or choose a file"),
            (b"PK\x03\x04\x14\x00", "This Excel workbook cannot be read: it is damaged"),
            (b"\xd0\xcf\x11\xe0", "This is a pre-2007 Excel workbook. Open it, save it"),
            ("Bjšrn".encode("cp1252"), "line 1 could be “Bjšrn” or “Björn”"),
            (b"\x89PNG\r\n\x1a\n\x00\x00", "This is not a CSV file"),
            (b"Ida\x00,Hill", "This is not a CSV file"),
            (b"\xff\xfeI", "This is not a CSV file"),
            (b"x" * 2_000_001, "That is more than 2 MB"),
            (b"x" * 5_000_001, "That is more than 2 MB"),
        ],
    )
    def test_what_is_no_list_is_told_beside_it_and_what_was_typed_stays(
        self, client: Client, content: bytes, words: str
    ) -> None:
        answer = upload(client, content, people=JON)
        page = text_of(answer)
        assert answer.status_code == 422
        assert words in page
        assert form_on(page)["people"] == (JON if content else "")

    def test_no_bytes_are_an_error_of_ours(self, client: Client) -> None:
        chance = random.Random(16)  # noqa: S311  the same each time
        book = workbook(["First name", "Surname", "Email", "Job role"], ["Ida", "Hill", "x", "GP"])
        for start in (
            b"",
            b"\xff\xfe",
            b"\xef\xbb\xbf",
            b"PK\x03\x04",
            b"sep=;\n",
            b'"',
            book,
            IDA.encode(),
        ):
            for length in (1, 7, 300):
                content = bytearray(start + chance.randbytes(length))
                content[chance.randrange(len(content))] = 34  # a quotation mark
                assert upload(client, bytes(content)).status_code in {200, 422}

    def test_no_file_is_ever_on_a_disk(self, settings: Any) -> None:
        assert settings.FILE_UPLOAD_HANDLERS == [
            "django.core.files.uploadhandler.MemoryFileUploadHandler"
        ]

    def test_more_than_is_taken_at_all_is_told_too(self, client: Client) -> None:
        answer = client.post(MANY, {"people": "x" * 2_500_001})
        assert answer.status_code == 413
        assert "That is more than PharmRefer can take at once" in text_of(answer)


class TestInviting:
    def test_everybody_is_invited_as_the_check_has_said(
        self, client: Client, boss: Membership, practice: Practice
    ) -> None:
        guest = factories.active_person()
        text = f"{JON}\nJane;Doe;{guest.email};Nurse;;31/03/2099"
        form = form_on(text_of(client.post(MANY, {"people": text})))
        # As a browser sends it.
        form["people"] = form["people"].replace("\n", "\r\n")
        page = text_of(client.post(MANY, {**form, "invite": "yes"}, follow=True))
        assert "You have invited everyone in the list" in page
        assert "3 people" in page
        assert "Invite again" in page
        assert not re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}", page)
        jon = Membership.objects.get(user__email="jon.ash@larkfield.example")
        assert (jon.practice, jon.role) == (practice, Role.PRACTICE_ADMINISTRATOR)
        membership = Membership.objects.get(user=guest, practice=practice)
        assert str(membership.ends_on) == "2099-03-31"
        assert people_of(practice) == {boss.user.email, jon.user.email, guest.email}

    @pytest.mark.parametrize("checked", [None, "", "x", "of another list"])
    @pytest.mark.usefixtures("boss")
    def test_nothing_is_done_with_a_list_that_was_not_checked(
        self, client: Client, practice: Practice, checked: str | None
    ) -> None:
        form = form_on(text_of(client.post(MANY, {"people": IDA}))) | {"people": f"{IDA}\n{JON}"}
        if checked != "of another list":
            form["checked"] = checked or ""
        page = text_of(client.post(MANY, {**form, "invite": "yes"}))
        assert "Nobody has been invited yet" in page or "cannot be used" in page
        assert len(people_of(practice)) == 1

    @pytest.mark.usefixtures("boss")
    def test_a_changed_list_is_checked_again_and_said_to_be_changed(
        self, client: Client, practice: Practice
    ) -> None:
        form = form_on(text_of(client.post(MANY, {"people": IDA})))
        form["people"] = IDA.replace("Receptionist", "Nurse")
        page = text_of(client.post(MANY, {**form, "invite": "yes"}))
        assert "You have changed the list since it was checked" in page
        assert len(people_of(practice)) == 1
        answer = client.post(MANY, {**form_on(page), "invite": "yes"})
        assert answer["Location"] == "/people/?because=invited"

    @pytest.mark.usefixtures("boss")
    def test_what_has_changed_meanwhile_stops_all_of_it(
        self, client: Client, practice: Practice
    ) -> None:
        form = form_on(text_of(client.post(MANY, {"people": f"{IDA}\nJon,Ash,j.ash@x.example,GP"})))
        factories.person(at=practice, email="j.ash@x.example", given_name="Jon", family_name="Ash")
        before = people_of(practice)
        answer = client.post(MANY, {**form, "invite": "yes"})
        page = text_of(answer)
        assert answer.status_code == 422
        assert problems(page) == ["2 | Jon Ash | Jon Ash is already one of your people"]
        assert form_on(page)["people"] == form["people"]
        assert people_of(practice) == before

    @pytest.mark.usefixtures("boss")
    def test_what_would_be_done_otherwise_than_shown_is_shown_again(
        self, client: Client, practice: Practice
    ) -> None:
        text = f"{IDA}\nJane,Doe,j.doe@x.example,GP"
        form = form_on(text_of(client.post(MANY, {"people": text})))
        factories.active_person()
        guest = factories.person(email="j.doe@x.example")
        page = text_of(client.post(MANY, {**form, "invite": "yes"}))
        assert "Someone in the list has been given a login, or lost it, since the list was" in page
        assert len(people_of(practice)) == 1
        assert rows(page)[1].endswith(FINE[1])
        answer = client.post(MANY, {**form_on(page), "invite": "yes"})
        assert answer["Location"] == "/people/?because=invited"
        assert Membership.objects.filter(user=guest, practice=practice).count() == 1

    @pytest.mark.usefixtures("boss")
    def test_pressed_twice_is_once(self, client: Client, practice: Practice) -> None:
        form = form_on(text_of(client.post(MANY, {"people": IDA}))) | {"invite": "yes"}
        assert client.post(MANY, form).status_code == 302
        assert client.post(MANY, form).status_code == 422
        assert len(people_of(practice)) == 2

    def test_other_fields_change_nothing(
        self, client: Client, boss: Membership, practice: Practice
    ) -> None:
        other = factories.practice()
        form = form_on(text_of(client.post(MANY, {"people": IDA})))
        odd = {"role": "operator", "practice": str(other.pk), "by": "1", "is_active": "0"}
        client.post(MANY, {**form, **odd, "invite": "yes"})
        made = Membership.objects.exclude(pk=boss.pk).get()
        assert (made.practice, made.role) == (practice, Role.STAFF)

    def test_who_is_no_administrator_any_more_is_led_away(
        self, client: Client, boss: Membership, practice: Practice
    ) -> None:
        form = form_on(text_of(client.post(MANY, {"people": IDA})))
        Membership.objects.filter(pk=boss.pk).update(role=Role.STAFF)
        answer = client.post(MANY, {**form, "invite": "yes"})
        assert answer.status_code == 403
        assert len(people_of(practice)) == 1


class TestConfirming:
    """A long list takes a while to correct, and cannot be kept in an address."""

    def away(self, **time: float) -> None:
        Session.objects.update(confirmed_at=timezone.now() - timedelta(**time))

    @pytest.mark.usefixtures("boss")
    def test_who_has_the_page_may_take_an_hour(self, client: Client) -> None:
        self.away(minutes=11)
        assert client.get(MANY)["Location"].startswith("/account/confirm/")
        page = text_of(client.post(MANY, {"people": IDA}))
        assert "1 person would get a new login" in page
        self.away(minutes=59)
        answer = client.post(MANY, {**form_on(page), "invite": "yes"})
        assert answer["Location"] == "/people/?because=invited"

    @pytest.mark.usefixtures("boss")
    def test_and_no_longer_but_a_short_list_is_kept(self, client: Client) -> None:
        self.away(minutes=60)
        leads_to = client.post(MANY, {"people": IDA, "invite": "yes"})["Location"]
        assert leads_to.startswith(f"{MANY}?kept=")
        assert client.get(leads_to)["Location"].startswith("/account/confirm/")
        self.away(minutes=0)
        assert form_on(text_of(client.get(leads_to)))["people"] == IDA
        assert User.objects.count() == 1

    @pytest.mark.usefixtures("boss")
    def test_a_long_one_is_not(self, client: Client) -> None:
        self.away(minutes=60)
        text = "\n".join(f"Ida{n},Hill,ida.{n * 7919}@x.example,Nurse {n * 31}" for n in range(300))
        where = urlsplit(client.post(MANY, {"people": text})["Location"])
        assert parse_qs(where.query)["next"] == [MANY]

    @pytest.mark.usefixtures("boss")
    def test_other_forms_still_ask_after_ten_minutes(self, client: Client) -> None:
        self.away(minutes=11)
        assert client.post("/people/invite/", {})["Location"].startswith("/account/confirm/")
