"""What a page says of a referral, from rows only."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
import pytest
from django.utils import timezone

from accounts.wording import day_and_time
from referrals import delivery, presenters
from referrals.clinical.decision import TriageDecision
from referrals.completeness import decided
from referrals.details import Details
from referrals.models.messages import Message
from referrals.models.pharmacies import Pharmacy
from referrals.models.postcodes import METRES_IN_A_MILE
from referrals.models.referrals import Listed, Referral
from referrals.states import State
from referrals.transports import Answer
from referrals.verdicts import Reason, Verdict, VerdictKind
from referrals.views.referral import TIMELINE
from tests import factories
from tests.clinical_content import FIRST

NOW = datetime(2026, 11, 23, 9, 41, 5, tzinfo=UTC)
PHARMACY = Pharmacy(name="Well Street Pharmacy", phone="01632 960201")


def status(
    state: State, *, receipt: bytes = b"", may_have: bool = False, **of_message: Any
) -> presenters.Status:
    referral = Referral(state=state, pharmacy=PHARMACY)
    message = Message(
        **{
            "next_attempt_at": NOW,
            "give_up_at": NOW + timedelta(hours=2),
            "attempts_made": 1 if "last_reason" in of_message else 0,
        }
        | of_message
    )
    if receipt:
        message.sealed_receipt = message.seal_receipt(receipt)
    return presenters.status(referral, message, may_have_arrived=may_have, now=NOW)


def test_what_nobody_has_tried_yet_is_saved() -> None:
    shown = status(State.SENDING)
    assert shown.heading == "Saved"
    assert "you can leave this page" in shown.sentences[1]
    assert not shown.is_final


def test_what_waits_for_a_circuit_breaker_says_until_when() -> None:
    shown = status(State.SENDING, next_attempt_at=NOW + timedelta(minutes=5))
    assert shown.heading == "Saved"
    assert shown.sentences[0] == (
        "Well Street Pharmacy's system is not working at the moment. We will send it at 9:46:05am."
    )


def test_what_a_user_is_sending_is_being_sent() -> None:
    shown = status(State.SENDING, lease_until=NOW + timedelta(seconds=1))
    assert (shown.heading, shown.sentences[0]) == (
        "Sending",
        "Sending it to Well Street Pharmacy now.",
    )
    assert status(State.SENDING, lease_until=NOW).heading == "Saved"


def test_trying_again_says_when_and_why_and_until_when() -> None:
    due = NOW + timedelta(minutes=3)
    shown = status(State.SENDING, last_reason="busy", next_attempt_at=due)
    assert shown.heading == "Trying again at 9:44:05am"
    assert [sentence for sentence in shown.sentences if sentence][:2] == [
        "The pharmacy's system is busy.",
        "We will keep trying until 11:41am.",
    ]
    assert not shown.is_final
    assert status(State.SENDING, last_reason="busy").heading == "Trying again now"


def test_an_attempt_that_was_cut_short_is_not_as_if_there_had_been_none() -> None:
    for earlier in ({"attempts_made": 1}, {"attempts_made": 2, "last_reason": "busy"}):
        shown = status(State.SENDING, may_have=True, lease_until=NOW, **earlier)
        assert shown.heading == "Trying again now"
        assert shown.sentences[0] == "The last attempt was cut short."


@pytest.mark.parametrize("over", [{"delivered_at": NOW}, {"last_reason": "refused"}])
def test_what_is_over_is_not_tried_again(over: dict[str, Any]) -> None:
    shown = status(State.SENDING, **{"attempts_made": 1, "next_attempt_at": None} | over)
    assert "Trying again" not in shown.heading
    assert "cut short" not in " ".join(shown.sentences)


@pytest.mark.parametrize(
    "of_message",
    [
        {"attempts_made": 1},
        {"last_reason": "no-answer"},
        {"last_reason": "busy", "attempts_made": 4},  # an earlier attempt, not the last one
        {"attempts_made": 2, "lease_until": NOW + timedelta(seconds=9)},
        {"attempts_made": 2, "next_attempt_at": NOW - timedelta(minutes=9)},
    ],
)
def test_what_may_have_arrived_says_so_until_it_is_known(of_message: dict[str, Any]) -> None:
    words = "Well Street Pharmacy may already have this referral"
    assert words in " ".join(status(State.SENDING, may_have=True, **of_message).sentences)
    assert "may already have" not in " ".join(status(State.SENDING, **of_message).sentences)


@pytest.mark.parametrize(
    ("may_have", "words"),
    [(False, "does not have this referral yet"), (True, "may already have this")],
)
@pytest.mark.parametrize("made", [0, 1])
def test_what_nobody_sends_is_late_and_says_whom_to_phone(
    made: int, may_have: bool, words: str
) -> None:
    due = NOW - timedelta(minutes=3)
    assert status(State.SENDING, next_attempt_at=due, attempts_made=made).tag != "Late"
    due -= timedelta(seconds=1)
    for give_up_at in (NOW + timedelta(hours=1), NOW - timedelta(hours=1)):
        shown = status(
            State.SENDING,
            may_have=may_have,
            next_attempt_at=due,
            attempts_made=made,
            give_up_at=give_up_at,
        )
        assert shown.heading == "Late: phone the pharmacy on 01632 960 201"
        assert words in shown.sentences[0]
        assert not shown.is_final  # it may still arrive


def test_delivered_says_when_and_the_pharmacys_own_reference() -> None:
    encounter = {
        "resourceType": "Encounter",
        "status": "planned",
        "identifier": [{"value": "WM-4F7K2"}],
    }
    receipt = orjson.dumps({"entry": [{"resource": encounter}]})
    shown = status(State.DELIVERED, delivered_at=NOW, receipt=receipt)
    assert shown.sentences == (
        "Well Street Pharmacy's system received it at 9:41am.",
        "The pharmacy's reference is WM-4F7K2.",
    )
    assert (shown.is_final, shown.is_failed) == (True, False)


def test_delivered_without_a_reference_says_only_when() -> None:
    yesterday = NOW - timedelta(days=1)
    assert status(State.DELIVERED, delivered_at=yesterday).sentences == (
        "Well Street Pharmacy's system received it yesterday at 9:41am.",
    )
    earlier = NOW - timedelta(minutes=10)
    assert status(State.DELIVERED, delivered_at=earlier).sentences == (
        "Well Street Pharmacy's system received it at 9:31am.",
    )


@pytest.mark.parametrize("state", [State.NOT_DELIVERED, State.NOT_CONFIRMED])
def test_a_pharmacy_whose_number_ods_does_not_have_is_not_phoned_on_nothing(state: State) -> None:
    referral = Referral(state=state, pharmacy=Pharmacy(name="Well Street Pharmacy"))
    shown = presenters.status(referral, Message(attempts_made=0), may_have_arrived=False, now=NOW)
    assert (
        shown.heading
        == f"{state.replace('_', ' ').capitalize()}: phone the pharmacy (we do not have its number)"
    )


def test_not_delivered_says_whom_to_phone() -> None:
    shown = status(State.NOT_DELIVERED, last_reason="unreachable", next_attempt_at=None)
    assert shown.heading == "Not delivered: phone the pharmacy on 01632 960 201"
    assert shown.sentences[0] == "Well Street Pharmacy does not have this referral."
    assert shown.sentences[-1] == "The pharmacy's system could not be reached."
    assert (shown.is_final, shown.is_failed) == (True, True)


def test_not_confirmed_says_that_they_may_have_it() -> None:
    shown = status(State.NOT_CONFIRMED, last_reason="no-answer", next_attempt_at=None)
    assert shown.heading == "Not confirmed: phone the pharmacy on 01632 960 201"
    assert "may already have this referral" in shown.sentences[0]
    assert "Ask whether they have it" in shown.sentences[1]
    assert (shown.is_final, shown.is_failed) == (True, True)


@pytest.mark.parametrize("reason", [*Reason, ""])
@pytest.mark.parametrize("state", [State.SENDING, State.NOT_DELIVERED, State.NOT_CONFIRMED])
def test_every_reason_can_be_told(state: State, reason: str) -> None:
    shown = status(state, last_reason=reason)
    sentences = [sentence for sentence in shown.sentences if sentence]
    assert sentences
    assert all(sentence[0].isupper() and sentence.endswith(".") for sentence in sentences)


def test_each_state_has_a_tag_of_its_own() -> None:
    assert {state: tag for state, (tag, _colour) in presenters.TAGS.items()} == {
        State.DRAFT: "Not sent",
        State.SENDING: "Sending",
        State.DELIVERED: "Delivered",
        State.NOT_CONFIRMED: "Not confirmed",
        State.NOT_DELIVERED: "Not delivered",
        State.STOPPED: "Stopped",
    }
    assert len(set(presenters.TAGS.values())) == len(State)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("of_message", "tag"),
    [
        ({}, "Saved"),
        ({"attempts_made": 1}, "Trying again"),
        ({"attempts_made": 1, "lease_until": NOW + timedelta(seconds=1)}, "Sending"),
        ({"next_attempt_at": NOW - timedelta(minutes=4)}, "Late"),
    ],
)
def test_a_list_says_what_the_referrals_own_page_says(of_message: dict[str, Any], tag: str) -> None:
    referral = factories.sent(at=NOW)
    Message.objects.update(**{"next_attempt_at": NOW} | of_message)
    message = Message.latest_of([referral.pk])[referral.pk]
    listed = presenters.row(Listed._make(Referral.objects.listed().get()), message, now=NOW)
    page = presenters.status(referral, message, may_have_arrived=False, now=NOW)
    assert (listed.tag, listed.colour) == (page.tag, page.colour)
    assert listed.tag == tag
    Referral.objects.update(state=State.DELIVERED)  # a moment ago: the message is of before
    delivered = presenters.row(Listed._make(Referral.objects.listed().get()), message, now=NOW)
    assert delivered.tag == "Delivered"


@pytest.mark.django_db
def test_a_list_says_when_it_was_sent_and_not_when_it_was_begun() -> None:
    now = timezone.now()
    factories.sent(at=now)
    Referral.objects.update(created_at=now - timedelta(days=3))
    shown = presenters.row(Listed._make(Referral.objects.listed().get()), None, now=now)
    assert shown.when == day_and_time(now, now=now)


@pytest.mark.django_db
def test_what_has_happened_is_told_the_latest_first() -> None:
    referral, now = factories.sent(), timezone.now()
    claimed = delivery.claim(Message.objects.get().pk, now=now)
    assert claimed
    accepted = Verdict(VerdictKind.ACCEPTED, Reason.ACCEPTED, may_have_arrived=True)
    delivery.finish(claimed, Answer(accepted, 200, b"{}"), now=now + timedelta(seconds=1))
    entries = TIMELINE.rows(referral=referral.pk)
    assert [line.value for line in presenters.timeline(entries, now=now)] == [
        "Received by the pharmacy's system",
        "Sent by the practice: Jane Doe",
    ]


DAY = date(2026, 11, 14)


def decision_of(details: Details) -> TriageDecision:
    return decided(details, today=DAY, pack=FIRST, pharmacy=None)


def shown_of(details: Details) -> dict[str, str]:
    sections = presenters.sections(details, decision_of(details), today=DAY)
    return {line.name: line.value for _heading, lines in sections for line in lines}


def test_what_is_written_is_shown_with_the_age_of_today() -> None:
    details = factories.details(
        nhs_number="", spoken_to="parent", contact_name="Ann Ashworth", address_line_2="Flat 2"
    )
    shown = shown_of(details)
    assert shown["NHS number"] == "Not given"
    assert shown["Date of birth"] == "15 March 1984 (aged 42)"
    assert shown["Spoken to"] == "Parent: Ann Ashworth"
    assert shown["Address"] == "8 Tanners Row\nFlat 2\nWestmere\nTS18 1AB"
    assert shown["For"] == "Acute sore throat"


def test_what_was_not_asked_is_not_said_to_be_none() -> None:
    shown = shown_of(factories.details(medicines="none", allergies="told", allergies_told="Nuts"))
    assert (shown["New allergies"], shown["New medicines"]) == ("Nuts", "No new ones")
    assert shown_of(factories.details())["New medicines"] == "Not asked"


def test_every_answer_is_shown_and_what_is_not_no_stands_first() -> None:
    answers = {"q_emergency": "none", "q_uti_red_flags": "none", "q_uti_criteria": "some"}
    details = factories.details(pathway="uti", answers=answers | {"q_uti_catheter": "yes"})
    shown = shown_of(details)
    assert shown["Has a urinary catheter"] == "Yes"
    sections = dict(presenters.sections(details, decision_of(details), today=DAY))
    alone = "Has had 2 urine infections in the last 6 months, or 3 in the last 12"
    assert [line.name for line in sections["Questions"]] == [
        *("Has a urinary catheter", "Emergency questions"),
        *("Questions on uncomplicated urinary tract infection", alone),
    ]
    assert shown[alone] == "No"
    for name, field, ask in (
        ("Emergency questions", "q_emergency", "has chest pain"),
        (
            "Questions on uncomplicated urinary tract infection",
            "q_uti_red_flags",
            "has vaginal discharge",
        ),
    ):
        (line,) = (each for each in sections["Questions"] if each.name == name)
        denied = line.more.split("\n")
        assert ask in denied
        assert (line.value, line.field) == (f"None of these {len(denied)}", field)


def test_what_is_denied_beside_a_yes_is_counted_as_others() -> None:
    answers = {"q_emergency": "none", "q_emergency_fit": "yes"}
    decision = decision_of(factories.details(pathway="", answers=answers))
    sections = dict(presenters.sections(Details(), decision, today=DAY))
    yes, no = sections["Questions"]
    assert (yes.name, yes.value) == ("Is having a fit, or has just had one", "Yes")
    assert (no.value, len(no.more.split("\n"))) == ("No to 8 others", 8)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"phone_owner": "patient"}, "The patient's, checked with them"),
        ({"phone_owner": "contact"}, "The patient's, checked with them"),
        (
            {"phone_owner": "contact", "spoken_to": "parent", "contact_name": "Ann"},
            "Ann's, checked with them",
        ),
        (
            {"phone_owner": "other", "phone_owner_name": "Ben"},
            "Ben's, checked with the person you spoke to",
        ),
        ({"phone_owner": "unconfirmed"}, "Not checked"),
    ],
)
def test_whose_number_it_is_stands_below_it(changes: dict[str, str], words: str) -> None:
    number = shown_of(factories.details(**changes))["Phone number"]
    assert number == f"07700 900 982\n{words}"


def unusual(
    *, hour: int = 12, miles: float | None = 0.2, is_known: bool = True, **changes: Any
) -> list[str]:
    details = factories.details(**changes)
    to = Pharmacy(name="Well Street Pharmacy", opening_hours="Mo-Su,PH 09:00-18:00")
    to.metres = None if miles is None else miles * METRES_IN_A_MILE
    to.is_from_patient = is_known
    at = datetime(2026, 11, 16, hour, 45, tzinfo=UTC)
    return [*presenters.unusual(details, decision_of(details), to, now=at)]


MAN = {"sex": "male"}
NONE = {"q_emergency": "none"}


@pytest.mark.parametrize(
    ("changes", "sentences"),
    [
        ({}, []),
        ({"phone_owner": "contact"}, []),
        ({"phone_owner": "unconfirmed"}, ["The phone number was not checked."]),
        (
            {"phone_owner": "other", "phone_owner_name": "Ann"},
            ["The phone number is Ann's."],
        ),
        ({"birth_year": "2010", "birth_month": "11", "birth_day": "16"}, []),
        (
            {"birth_year": "2010", "birth_month": "11", "birth_day": "17"},
            ["The patient is 15, and you spoke to them. Did a parent or guardian agree?"],
        ),
        (
            {"birth_year": "2015", "spoken_to": "parent", "contact_name": "Ann"},
            [],
        ),
        ({"miles": 4.9}, []),
        ({"miles": 5.2}, ["Well Street Pharmacy is 5.2 miles from the patient's postcode."]),
        (
            {"is_known": False},
            ["We do not know where TS18 1AB is, or how far from Well Street Pharmacy."],
        ),
        ({"is_known": False, "miles": None}, []),  # nobody has loaded postcodes
        ({"is_known": False, "postcode": ""}, []),
        (
            MAN | {"pathway": "uti", "answers": NONE | {"q_uti_red_flags": "none"}},
            [
                (
                    "This will be sent as a minor illness: uncomplicated urinary tract infection "
                    "referrals are only for women aged 16 to 64."
                )
            ],
        ),
        (
            MAN
            | {
                "pathway": "minor_illness",
                "symptom_group": "Skin, blisters or rash",
                "answers": NONE | {"q_impetigo_red_flags": "none", "q_shingles_red_flags": "none"},
            },
            [
                (
                    "By age and sex, impetigo or shingles fits: choose that instead, if it is what "
                    "they have."
                )
            ],
        ),
        (
            MAN
            | {
                "pathway": "sinusitis",
                "answers": NONE
                | {"q_sinusitis_red_flags": "none", "q_sinusitis_criteria": "none"}
                | {"q_sore_throat_red_flags": "some", "q_sore_throat_cancer": "yes"},
            },
            [
                (
                    "You also answered yes to “may have signs of cancer, such as a lump in the "
                    "neck or mouth, or a hoarse voice for more than 3 weeks” under Acute sore "
                    "throat (GP appointment)."
                )
            ],
        ),
        ({"hour": 17}, ["Well Street Pharmacy: open now, closes 6pm."]),
        ({"hour": 19}, ["Well Street Pharmacy: closed now, opens 9am tomorrow."]),
    ],
)
def test_what_is_unusual_is_said_and_nothing_else(
    changes: dict[str, Any], sentences: list[str]
) -> None:
    assert unusual(**changes) == sentences


def test_every_line_can_be_changed_where_it_was_written() -> None:
    details = factories.details()
    sections = dict(presenters.sections(details, decision_of(details), today=DAY))
    fields = [line.field for name in ("Patient", "Contact", "Reason") for line in sections[name]]
    assert len(fields) == len(set(fields)) == 13
    assert all(hasattr(details, field) for field in fields)


@pytest.mark.parametrize(
    "details",
    [Details(), Details(birth_year="84", sex="F", spoken_to="dog", phone="07", nhs_number="9")],
)
def test_what_was_stopped_incomplete_can_be_shown(details: Details) -> None:
    shown = shown_of(details)
    assert shown["Date of birth"] == "Not given"
    assert shown["For"] == "Not given"


def test_two_people_are_compared_whatever_is_missing() -> None:
    before = presenters.SentBefore(UUID(int=1), "", "", "", "", "", is_stopped=True)
    there = Details(nhs_number="9990000018", family_name="Umber", birth_year="1984")
    shown = presenters.other_person(before, there, factories.details())
    assert shown.are_different == "last name is different"
    assert {line.name: line.there for line in shown.lines} == {
        **dict.fromkeys(("First name", "Date of birth", "Sex", "Address"), "Not given"),
        "Last name": "Umber",
    }
    assert [line.name for line in shown.lines if line.is_different] == ["Last name"]


def test_a_pharmacy_to_choose_says_where_it_is_and_when_it_is_open() -> None:
    pharmacy = Pharmacy(
        ods_code="QX001",
        name="Well Street Pharmacy",
        address="4 Well Street, Westmere",
        postcode="WM1 3DE",
        phone="01632 960201",
        dos_service_id="2000000101",
        endpoint="https://bars.example",
        offers_pharmacy_first=True,
        opening_hours="Mon to Fri 9am to 6pm",
        is_distance_selling=True,
    )
    now = datetime(2026, 12, 1, 12, tzinfo=ZoneInfo("Europe/London"))
    (choice,) = presenters.choices([pharmacy], now=now)
    where = "4 Well Street, Westmere, WM1 3DE. 01632\N{NO-BREAK SPACE}960\N{NO-BREAK SPACE}201"
    assert choice.hint == (
        f"Phone first. The pharmacy gives its hours as: Mon to Fri 9am to 6pm. {where}. "
        "Online pharmacy"
    )
    pharmacy.opening_hours, pharmacy.is_distance_selling = "", False
    assert presenters.choices([pharmacy], now=now)[0].hint == (
        f"Hours not known: phone first. {where}"
    )
    pharmacy.opening_hours, pharmacy.metres = "Mo-Fr 09:00-12:15", 482.8
    (choice,) = presenters.choices([pharmacy], now=now)
    assert choice.hint == f"0.3 miles. Open now, closes 12:15pm. {where}"
    assert (choice.is_closing, choice.why_not) == (True, "")
    pharmacy.opening_hours, pharmacy.phone = "Fr 09:00-12:15", ""
    (choice,) = presenters.choices([pharmacy], now=now)
    assert choice.hint == "0.3 miles. 4 Well Street, Westmere, WM1 3DE. No phone number known"
    assert (choice.is_closing, choice.why_not) == (False, "Closed until 9am on Friday")


@pytest.mark.parametrize(
    ("metres", "words"),
    [
        (None, ""),
        (0, "Under 0.1 miles"),
        (160, "Under 0.1 miles"),
        (161, "0.1 miles"),
        (1609, "1 mile"),
        (1700, "1.1 miles"),
        (3219, "2 miles"),
        (16_000, "9.9 miles"),
        (20_000, "12 miles"),
    ],
)
def test_a_distance_is_said_in_miles(metres: float | None, words: str) -> None:
    pharmacy = Pharmacy()
    pharmacy.metres = metres
    assert presenters.distance(pharmacy) == words


@pytest.mark.parametrize(
    ("miles", "sentence"),
    [
        ([], ""),
        ([None], ""),
        ([25.4], ""),
        ([135.2], "It is 135 miles away."),
        ([135, 25.6], "None of these is within 25 miles: the nearest is 26 miles away."),
        ([135, 25], ""),
        # Not known is not far.
        ([135, None], ""),
    ],
)
def test_it_is_said_where_all_are_far_away(miles: list[float | None], sentence: str) -> None:
    found = [Pharmacy() for _ in miles]
    for pharmacy, far in zip(found, miles, strict=True):
        pharmacy.metres = None if far is None else far * METRES_IN_A_MILE
    assert presenters.nowhere_near(found) == sentence
