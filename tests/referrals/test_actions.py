"""Writing and sending referrals: what is stored, once, and who is told no."""

import json
import re
import uuid
from collections.abc import Collection
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.errors import Denied
from accounts.models.people import Membership, Practice
from referrals import actions, policy, tasks
from referrals import drafts as referrals_drafts
from referrals.actions import OtherPersonError, SentBeforeError
from referrals.fhir import content
from referrals.models.messages import Message
from referrals.models.pharmacies import Pharmacy
from referrals.models.referrals import Referral, StaleError, TimelineEntry, hash_of_nhs_number
from referrals.states import State
from tests import factories
from tests.clinical_content import FIRST
from tests.factories import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def by() -> Membership:
    return factories.member()


@pytest.fixture
def enqueued(monkeypatch: pytest.MonkeyPatch) -> list[uuid.UUID]:
    """The messages that were enqueued, since no broker is there."""
    heard: list[uuid.UUID] = []
    monkeypatch.setattr(tasks.broker, "enqueue", heard.append)
    return heard


def send(draft: Referral, by: Membership, *, known: Collection[uuid.UUID] = ()) -> Referral:
    actions.send(draft, draft.details, known=known, actor=acting(by, now=timezone.now()))
    return draft


class TestSaving:
    def test_a_draft_is_made_and_then_changed(self, by: Membership) -> None:
        first = factories.details()
        draft = referrals_drafts.save(uuid.uuid4(), first, actor=acting(by, now=timezone.now()))
        assert (draft.state, draft.version, draft.practice, draft.author) == (
            *(State.DRAFT, 1),
            *(by.practice, by.user),
        )
        changed = referrals_drafts.save(
            draft.pk, factories.details(town="Saltby"), actor=acting(by, now=timezone.now())
        )
        assert (changed.version, changed.reference) == (2, draft.reference)
        assert Referral.objects.get().details.town == "Saltby"

    def test_saving_the_same_again_is_no_change(self, by: Membership) -> None:
        draft = referrals_drafts.save(
            uuid.uuid4(), factories.details(), actor=acting(by, now=timezone.now())
        )
        assert (
            referrals_drafts.save(
                draft.pk, draft.details, actor=acting(by, now=timezone.now())
            ).version
            == 1
        )

    def test_two_windows_save_one_after_the_other(self, by: Membership) -> None:
        with CaptureQueriesContext(connection) as queries:
            referrals_drafts.save(
                uuid.uuid4(), factories.details(), actor=acting(by, now=timezone.now())
            )
        locks = [each["sql"] for each in queries if "FOR NO KEY UPDATE" in each["sql"]]
        assert {"referrals_referral" in sql for sql in locks} == {True}

    def test_nobody_writes_into_another_user_s(self, by: Membership) -> None:
        draft = factories.draft()
        with pytest.raises(Denied, match="belongs to someone else"):
            referrals_drafts.save(
                draft.pk, factories.details(town="Saltby"), actor=acting(by, now=timezone.now())
            )
        assert Referral.objects.get().details == draft.details

    def test_nothing_of_the_patient_is_in_the_clear(self, by: Membership) -> None:
        factories.sent(by=by)
        with connection.cursor() as cursor:
            for table in ("referral", "message", "attempt", "timelineentry"):
                cursor.execute(f"SELECT row_to_json(t)::text FROM referrals_{table} t")  # noqa: S608
                text = " ".join(row[0] for row in cursor.fetchall())
                in_bytes = bytes.fromhex("".join(re.findall(r'x((?:[0-9a-f]{2})+)"', text)))
                for secret in ("Ashworth", "9990000018", "Tanners", "Sore throat", "sore_throat"):
                    assert secret not in text, table
                    assert secret.encode() not in in_bytes, table

    def test_what_is_sealed_for_one_practice_does_not_open_in_another(self, by: Membership) -> None:
        factories.draft(by=by)
        Referral.objects.update(practice=factories.practice())
        with pytest.raises(Exception, match="does not open"):
            _ = Referral.objects.get().details


class TestSending:
    def test_all_of_it_is_stored_and_enqueued_after_the_commit(
        self,
        by: Membership,
        enqueued: list[uuid.UUID],
        django_capture_on_commit_callbacks: Any,
    ) -> None:
        draft, now = factories.draft(by=by), timezone.now()
        with django_capture_on_commit_callbacks(execute=True):
            actions.send(draft, draft.details, known=(), actor=acting(by, now=now))
            assert enqueued == []
        referral, message = Referral.objects.get(), Message.objects.get()
        assert (referral.state, referral.sent_by, referral.sent_at) == ("sending", by.user, now)
        assert referral.nhs_number_hash == hash_of_nhs_number("9990000018")
        assert enqueued == [message.pk]
        assert (message.practice, message.pharmacy) == (by.practice, referral.pharmacy)
        due_at = message.created_at  # by the database's clock
        assert now <= due_at <= now + timedelta(seconds=30)
        assert (message.next_attempt_at, message.give_up_at) == (
            due_at,
            due_at + timedelta(hours=2),
        )
        entry = TimelineEntry.objects.get()
        assert (entry.event, entry.by, entry.at, entry.practice) == (
            *("submitted", by.user),
            *(now, by.practice),
        )

    def test_the_bytes_say_what_was_written_and_bear_the_ids_of_the_row(
        self, by: Membership
    ) -> None:
        referral = factories.sent(by=by)
        message = Message.objects.get()
        bundle = orjson.loads(message.body)
        assert bundle["id"] == str(message.bundle_id)
        assert message.headers["X-Request-Id"] == str(message.pk)
        assert message.headers["X-Correlation-Id"] == str(message.correlation_id)
        assert message.correlation_id == referral.journey_id
        text = message.body.decode()
        for words in (
            "Ashworth",
            "9990000018",
            "TS18 1AB",
            "Sore throat for 3 days",
            referral.reference,
        ):
            assert words in text
        assert by.practice
        assert by.practice.ods_code in text

    def test_each_field_is_where_it_belongs(self, by: Membership) -> None:
        to = factories.pharmacy()
        draft = factories.draft(
            by=by,
            to=to,
            spoken_to="parent",
            contact_name="Ann Ashworth",
            address_line_2="Flat 2",
            pathway="minor_illness",
            symptom_group="Cough",
            answers={"q_emergency": "none"},
        )
        now, details, practice, user = timezone.now(), draft.details, by.practice, by.user
        assert practice
        decision = policy.decision_of(draft)
        assert decision
        said = actions._content(draft, to, decision, FIRST, acting(by, now=now))
        assert said == content.Content(
            reference=draft.reference,
            journey_id=draft.journey_id,
            patient=content.Patient(
                nhs_number="9990000018",
                given_name="Winifred",
                family_name="Ashworth",
                birth_date=details.birth_date,
                sex=content.Sex.FEMALE,
                address_lines=("8 Tanners Row", "Flat 2"),
                town="Westmere",
                postcode="TS18 1AB",
            ),
            contact=content.Contact(
                content.Relationship.PARENT,
                "Ann Ashworth",
                "07700 900 982",
                content.PhoneOwner.PATIENT,
            ),
            complaint="Sore throat for 3 days",
            duration="3 days",
            triage=content.Triage(
                "2026.1",
                "",
                tuple(
                    content.TriageQuestion(item.ask, content.TriageReply.NO)
                    for item in FIRST.emergency.items
                ),
            ),
            reason="Cough (Pharmacy First minor illness)",
            practice=content.ReferringPractice(practice.ods_code, practice.name, "01632 960 101"),
            sender=content.Referrer(user.given_name, user.family_name, user.job_role),
            pharmacy=content.ReceivingPharmacy(
                to.ods_code, to.name, "01632 960 201", to.dos_service_id
            ),
            consent_at=now,
            started_at=draft.created_at,
        )

    def test_each_question_of_which_nobody_is_sure_is_sent_as_such(self, by: Membership) -> None:
        answers = {"q_emergency": "none", "q_uti_red_flags": "none", "q_uti_criteria": "unsure"}
        draft = factories.draft(by=by, pathway="uti", answers=answers)
        decision = policy.decision_of(draft)
        assert decision
        triage = actions._triage(FIRST, decision)
        assert triage.sent_as == (
            (
                "Not sure about the other questions on uncomplicated urinary tract infection, "
                "which counts as yes."
            ),
        )
        unsure = [q.words for q in triage.questions if q.reply is content.TriageReply.UNSURE]
        assert unsure == [
            "has a urinary catheter",
            "has had 2 urine infections in the last 6 months, or 3 in the last 12",
        ]

    def test_what_is_asked_of_the_referral_is_where_it_belongs_too(self, by: Membership) -> None:
        draft = factories.draft(
            by=by,
            spoken_to="parent",
            contact_name="Ann Ashworth",
            phone_owner="other",
            phone_owner_name="Ben Ashworth",
            best_time="after 4pm",
            interpreter="Polish",
            requirements="hard of hearing",
            duration="3 days",
            tried="lozenges",
            allergies="told",
            allergies_told="penicillin",
            medicines="none",
            medicines_told="written before that",
            nhs_number="",
            other_number="1503841235",
        )
        by_now, decision = acting(by, now=timezone.now()), policy.decision_of(draft)
        assert decision
        said = actions._content(draft, factories.pharmacy(), decision, FIRST, by_now)
        assert said.contact == content.Contact(
            content.Relationship.PARENT,
            "Ann Ashworth",
            "07700 900 982",
            content.PhoneOwner.OTHER,
            "Ben Ashworth",
            "after 4pm",
        )
        assert (said.duration, said.tried) == ("3 days", "lozenges")
        assert said.allergies == content.Told(content.ToldKind.TOLD, "penicillin")
        assert said.medicines == content.Told(content.ToldKind.NONE)
        patient = said.patient
        assert (patient.interpreter, patient.requirements) == ("Polish", "hard of hearing")
        assert (patient.nhs_number, patient.other_number) == ("", "1503841235")

    def test_a_name_beside_a_number_of_the_patient_s_own_is_not_sent(self) -> None:
        changes = {"phone_owner": "patient", "phone_owner_name": "written before that"}
        said = actions._contact(factories.details(**changes))
        assert said.phone_owner is content.PhoneOwner.PATIENT
        assert said.phone_owner_name == ""

    @pytest.mark.parametrize(
        ("written", "known"),
        [
            ("Mill Lane, Z91002", True),
            ("z91002", True),
            ("Z91003", False),
            ("Mill Lane Medical Centre", False),
            ("XZ910021", False),
        ],
    )
    def test_another_practice_is_one_of_ours_only_by_its_code(
        self, written: str, known: bool
    ) -> None:
        factories.practice(ods_code="Z91002", name="Mill Lane Medical Centre")
        named = content.RegisteredPractice("Z91002", "Mill Lane Medical Centre")
        as_told = content.RegisteredPractice("", written)
        assert actions._registered_at(written) == (named if known else as_told)

    def test_without_another_practice_no_other_is_looked_for(
        self, django_assert_num_queries: Any
    ) -> None:
        with django_assert_num_queries(0):
            assert actions._registered_at("") is None
            assert actions._registered_at("Mill Lane Medical Centre")

    def test_pharmacists_are_given_the_call_back_number_of_the_moment(self, by: Membership) -> None:
        drafts = [factories.draft(by=by) for _ in range(2)]
        for draft, number in zip(drafts, ("+441632960999", ""), strict=True):
            Practice.objects.update(call_back_phone=number)
            found = Referral.find(draft.pk, person=by)
            assert found
            send(found, by, known=[each.pk for each in drafts])
        texts = [message.body.decode() for message in Message.objects.order_by("created_at")]
        numbers = [(text.count("01632 960 999"), text.count("01632 960 101")) for text in texts]
        assert numbers == [(3, 0), (0, 3)]

    @pytest.mark.parametrize(
        ("stored", "sent"),
        [
            ("+441632960001;ext=12", "01632 960 001 ext. 12"),
            ("+33123456789", "+33 1 23 45 67 89"),
            ("+44 0 7700 900982", "07700 900 982"),  # as it was stored before
        ],
    )
    def test_a_phone_number_is_sent_as_people_write_it(
        self, by: Membership, stored: str, sent: str
    ) -> None:
        factories.sent(by=by, phone=stored)
        entries = json.loads(Message.objects.get().body)["entry"]
        (patient,) = (
            each["resource"] for each in entries if each["resource"]["resourceType"] == "Patient"
        )
        assert patient["contact"][0]["telecom"] == [{"system": "phone", "value": sent, "rank": 1}]

    def test_the_deadline_is_a_setting(self, by: Membership) -> None:
        with override_settings(GIVE_UP_AFTER=timedelta(minutes=7)):
            factories.sent(by=by)
        message = Message.objects.get()
        assert message.give_up_at - message.created_at == timedelta(minutes=7)

    def test_it_is_sent_once(self, by: Membership) -> None:
        draft = factories.draft(by=by)
        another_form = Referral.objects.get()
        send(draft, by)
        with pytest.raises(StaleError):
            send(another_form, by)
        with pytest.raises(Denied, match="has been sent"):
            send(Referral.objects.get(), by)
        assert Message.objects.count() == TimelineEntry.objects.count() == 1

    def test_what_was_changed_since_it_was_read_is_not_sent(self, by: Membership) -> None:
        draft = factories.draft(by=by)
        referrals_drafts.save(
            draft.pk, factories.details(town="Saltby"), actor=acting(by, now=timezone.now())
        )
        with pytest.raises(StaleError):
            send(draft, by)
        assert not Message.objects.exists()

    def test_a_pharmacy_that_has_lost_its_route_is_said(self, by: Membership) -> None:
        draft = factories.draft(by=by)
        Pharmacy.objects.update(endpoint="")
        with pytest.raises(Denied, match="not accepting referrals"):
            send(draft, by)

    def test_a_message_that_would_be_refused_is_not_stored(
        self, by: Membership, caplog: pytest.LogCaptureFixture
    ) -> None:
        draft = factories.draft(by=by)
        with (
            override_settings(SOURCE_DOS_SERVICE_ID=""),
            pytest.raises(Denied, match="Phone the pharmacy"),
        ):
            send(draft, by)
        assert "MessageHeader.source.endpoint" in caplog.text
        assert "Ashworth" not in caplog.text
        assert Referral.objects.get().state == State.DRAFT

    def test_a_broken_bell_is_not_the_senders_trouble(
        self,
        by: Membership,
        monkeypatch: pytest.MonkeyPatch,
        django_capture_on_commit_callbacks: Any,
    ) -> None:
        def break_down(_message_id: uuid.UUID) -> None:
            raise RuntimeError("no broker")

        monkeypatch.setattr(tasks.broker, "enqueue", break_down)
        with django_capture_on_commit_callbacks(execute=True):
            factories.sent(by=by)
        assert Referral.objects.get().state == State.SENDING


class TestTheSamePatient:
    """Within 24 hours, in one practice: asked about, never sent unnoticed."""

    def test_the_same_nhs_number_is_asked_about(self, by: Membership) -> None:
        first = factories.sent(by=by)
        second = factories.draft(by=by)
        with pytest.raises(SentBeforeError):
            send(second, by)
        assert send(second, by, known=[first.pk]).state == State.SENDING

    def test_a_colleagues_counts(self, by: Membership) -> None:
        factories.sent(by=factories.member(at=by.practice))
        with pytest.raises(SentBeforeError):
            send(factories.draft(by=by), by)

    @pytest.mark.parametrize(
        ("first", "second", "is_asked"),
        [
            ({"nhs_number": ""}, {"nhs_number": ""}, True),
            ({"nhs_number": ""}, {}, True),
            ({}, {"nhs_number": ""}, True),
            ({"nhs_number": ""}, {"nhs_number": "", "family_name": "ash worth"}, True),
            ({"nhs_number": ""}, {"nhs_number": "", "given_name": "Winnie"}, True),
            ({"nhs_number": ""}, {"nhs_number": "", "birth_day": "16"}, False),
            ({"nhs_number": ""}, {"nhs_number": "", "family_name": "Lee"}, False),
            ({}, {"nhs_number": "9990000026"}, False),  # twins
        ],
    )
    def test_without_a_number_name_and_birth_say_who_it_is(
        self, by: Membership, first: dict[str, Any], second: dict[str, Any], is_asked: bool
    ) -> None:
        factories.sent(by=by, **first)
        draft = factories.draft(by=by, **second)
        if is_asked:
            with pytest.raises(SentBeforeError):
                send(draft, by)
        else:
            send(draft, by)

    @pytest.mark.parametrize(("ago", "is_asked"), [(23, True), (24, True), (25, False)])
    def test_a_day_later_nobody_is_asked(self, by: Membership, ago: int, is_asked: bool) -> None:
        now = timezone.now()
        factories.sent(by=by, at=now - timedelta(hours=ago))
        draft = factories.draft(by=by)
        if is_asked:
            with pytest.raises(SentBeforeError):
                actions.send(draft, draft.details, known=(), actor=acting(by, now=now))
        else:
            actions.send(draft, draft.details, known=(), actor=acting(by, now=now))

    def everything(self) -> list[uuid.UUID]:
        return list(Referral.objects.values_list("pk", flat=True))

    def lock(self, by: Membership, **changes: Any) -> set[str]:
        """Return for what sending waits before it looks for earlier ones."""
        draft = factories.draft(by=by, **changes)
        with CaptureQueriesContext(connection) as queries:
            send(draft, by, known=self.everything())
        said = [each["sql"] for each in queries]
        (lock,) = [number for number, sql in enumerate(said) if "pg_advisory_xact_lock(" in sql]
        (query,) = [number for number, sql in enumerate(said) if '"person_hash" = ' in sql]
        assert lock < query
        return set(re.findall(r"-?[0-9]{5,}", said[lock]))

    def test_two_who_send_for_the_same_patient_do_so_one_after_the_other(
        self, by: Membership
    ) -> None:
        first = self.lock(by)
        assert self.lock(by, given_name="Winnie") == first
        assert self.lock(by, family_name="Lee") & first  # the same number
        assert self.lock(by, nhs_number="") & first  # the same name and birth
        assert not self.lock(by, nhs_number="9990000026", family_name="Lee") & first

    def test_another_practices_is_its_own_affair(self, by: Membership) -> None:
        factories.sent()
        send(factories.draft(by=by), by)

    def test_a_draft_has_not_been_sent(self, by: Membership) -> None:
        factories.draft(by=by)
        send(factories.draft(by=by), by)

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ("O'Neil", "O\u2019Neil"),
            ("Smith-Jones", "smith jones"),
            ("Zo\u00eb", "Zoe\u0308"),
            ("M\u00fcller", "Muller"),
            ("Lee-Wood", "Lee\u2010Wood"),
        ],
    )
    def test_a_name_is_known_however_it_is_spelt(
        self, by: Membership, first: str, second: str
    ) -> None:
        factories.sent(by=by, nhs_number="", family_name=first)
        with pytest.raises(SentBeforeError):
            send(factories.draft(by=by, nhs_number="", family_name=second), by)

    def test_knowing_of_one_is_not_knowing_of_two(self, by: Membership) -> None:
        first, second = (factories.sent(by=by) for _ in range(2))
        draft = factories.draft(by=by)
        for known in ([first.pk], [second.pk], [uuid.uuid4(), uuid.uuid4()]):
            with pytest.raises(SentBeforeError):
                send(draft, by, known=known)
        assert send(draft, by, known=[first.pk, second.pk]).state == State.SENDING


class TestTheSameNumberForAnother:
    """An NHS number that was used for another name or date of birth, whenever that was."""

    @pytest.mark.parametrize("days", [0, 2, 700])
    @pytest.mark.parametrize(
        "changes", [{"given_name": "Wilfred"}, {"family_name": "Umber"}, {"birth_year": "1951"}]
    )
    def test_it_is_asked_about(self, by: Membership, days: int, changes: dict[str, Any]) -> None:
        at = timezone.now() - timedelta(days=days)
        first = factories.sent(by=factories.member(at=by.practice), at=at, **changes)
        draft = factories.draft(by=by)
        with pytest.raises(OtherPersonError, match="Check whose NHS number this is") as asked:
            send(draft, by)
        assert asked.value.field == "right_patient"
        assert send(draft, by, known=[first.pk]).state == State.SENDING

    def test_the_latest_with_the_number_counts(self, by: Membership) -> None:
        now = timezone.now()
        factories.sent(by=by, at=now - timedelta(days=9), family_name="Umber")
        factories.sent(by=by, at=now - timedelta(days=8))
        send(factories.draft(by=by), by)  # as the last time
        with pytest.raises(OtherPersonError):
            send(factories.draft(by=by, family_name="Umber"), by)

    def test_knowing_of_one_for_another_is_not_knowing_of_a_later_one(self, by: Membership) -> None:
        other = factories.sent(by=by, family_name="Umber", at=timezone.now() - timedelta(days=9))
        draft = factories.draft(by=by)  # its check page shows the other one; then a colleague sends
        factories.sent(by=factories.member(at=by.practice))
        with pytest.raises(SentBeforeError):
            send(draft, by, known=[other.pk])

    def test_case_marks_and_hyphens_make_no_other_person(self, by: Membership) -> None:
        at = timezone.now() - timedelta(days=9)
        factories.sent(by=by, at=at, family_name="ASH-WORTH", given_name="Winífred")
        send(factories.draft(by=by, family_name="Ash worth"), by)

    @pytest.mark.parametrize("changes", [{"nhs_number": ""}, {"nhs_number": "9990000026"}])
    def test_without_the_number_or_in_another_practice_nobody_is_asked(
        self, by: Membership, changes: dict[str, Any]
    ) -> None:
        at = timezone.now() - timedelta(days=9)
        factories.sent(by=by, at=at, family_name="Umber", **changes)
        factories.sent(at=at, family_name="Umber")
        send(factories.draft(by=by), by)


def test_a_reference_that_a_user_has_is_not_given_again(
    by: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = factories.draft(by=by).reference
    monkeypatch.setattr(Referral._meta.get_field("reference"), "default", taken)
    monkeypatch.setattr(Referral._meta.get_field("reference"), "_get_default", lambda: taken)
    assert factories.draft(by=by).reference != taken
    assert Referral.objects.count() == 2
