"""What the patient is told, at whatever time and of whatever pharmacy."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models.people import Practice
from referrals import advice
from referrals.models.pharmacies import Pharmacy
from referrals.models.referrals import Referral

SENT = datetime(2026, 11, 30, 9, 41, tzinfo=UTC)  # a Monday
HOURS = "Mo-Fr 09:00-18:00; Sa 09:00-13:00; PH off"


def referral(**of_pharmacy: Any) -> Referral:
    usual: dict[str, Any] = {
        "ods_code": "QX001",
        "name": "Well Street Pharmacy",
        "address": "4 Well Street, Westmere",
        "postcode": "WM1 3DE",
        "phone": "+441632960201",
        "opening_hours": HOURS,
    }
    practice = Practice(name="Larkfield Surgery", phone="+441632960101")
    pharmacy = Pharmacy(**usual | of_pharmacy)
    return Referral(reference="PR-7K2M-9QXW", practice=practice, pharmacy=pharmacy, sent_at=SENT)


def told(
    now: datetime = SENT, *, pharmacy_reference: str = "", **of_pharmacy: Any
) -> advice.PatientAdvice:
    return advice.advise(
        referral(**of_pharmacy),
        pharmacy_reference=pharmacy_reference,
        reason="Acute sore throat",
        received_at=SENT + timedelta(minutes=1),
        now=now,
    )


def test_the_words_say_where_how_when_by_when_and_what_if_worse() -> None:
    assert told() == advice.PatientAdvice(
        words=(
            "The referral has been sent to Well Street Pharmacy, 4 Well Street, Westmere, WM1 3DE.",
            "Phone or visit them now, until 6pm. Their phone number is 01632\u00a0960\u00a0201.",
            "Do this by 9:41am tomorrow: the referral is for 24 hours.",
            "If they ask for a reference, it is PR-7K2M-9QXW.",
            "If things get worse, phone 111, or 999 in an emergency.",
        ),
        too_late="",
        record=(
            "Pharmacy First referral PR-7K2M-9QXW: Acute sore throat. Sent to Well Street Pharmacy "
            "(QX001) at 9:41am on 30 November 2026, received by its system at 9:42am. Told to "
            "contact the pharmacy by 9:41am on 1 December 2026, and if worse to phone 111, or "
            "999 in an emergency."
        ),
    )


def test_the_line_for_the_record_is_one_line() -> None:
    assert "\n" not in told().record


def test_the_pharmacy_s_own_reference_is_told_too() -> None:
    assert told(pharmacy_reference="WM-4F7K2").words[3] == (
        "If they ask for a reference, it is PR-7K2M-9QXW (the pharmacy's own is WM-4F7K2)."
    )


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (SENT, "now, until 6pm"),
        (SENT.replace(hour=17, minute=45), "now, until 6pm, or tomorrow (Tuesday) from 9am"),
        (SENT.replace(hour=20), "tomorrow (Tuesday) from 9am"),
        (SENT.replace(day=1, month=12, hour=8), "today from 9am"),
    ],
)
def test_when_to_contact_it_is_of_the_moment(now: datetime, words: str) -> None:
    assert told(now).words[1].startswith(f"Phone or visit them {words}.")


@pytest.mark.parametrize(
    ("pharmacy", "words"),
    [
        ({"phone": ""}, "Visit them now, until 6pm."),
        (
            {"is_distance_selling": True},
            "Phone them now, until 6pm. Their phone number is 01632\u00a0960\u00a0201.",
        ),
        ({"phone": "", "is_distance_selling": True}, "Contact them now, until 6pm."),
        (
            {"opening_hours": ""},
            (
                "Phone them first. We do not know when they are open. "
                "Their phone number is 01632\u00a0960\u00a0201."
            ),
        ),
        (
            {"opening_hours": "Mon to Fri 9am to 6pm"},
            (
                "Phone them first. Their hours may be different today. Usual hours: "
                "Mon to Fri 9am to 6pm. Their phone number is 01632\u00a0960\u00a0201."
            ),
        ),
        (
            {"opening_hours": "", "phone": ""},
            "Contact them when they are open. We do not know when they are open.",
        ),
    ],
)
def test_how_to_contact_it_is_of_what_it_has(pharmacy: dict[str, Any], words: str) -> None:
    assert told(**pharmacy).words[1] == words


def test_hours_that_are_not_known_today_are_said_as_people_say_them() -> None:
    christmas = datetime(2026, 12, 25, 10, tzinfo=UTC)  # of which these hours say nothing
    made = referral(opening_hours="Mo-Fr 09:00-18:00")
    made.sent_at = christmas
    words = advice.advise(
        made, pharmacy_reference="", reason="Itch", received_at=christmas, now=christmas
    ).words[1]
    assert words.startswith("Phone them first. Their hours may be different today. Usual hours: ")
    assert "Monday to Friday 9am to 6pm." in words


@pytest.mark.parametrize(
    ("now", "by"),
    [
        (SENT, "9:41am tomorrow"),
        (SENT.replace(hour=23, minute=59), "9:41am tomorrow"),
        (SENT.replace(day=1, month=12, hour=0), "9:41am today"),
    ],
)
def test_by_when_is_said_from_today(now: datetime, by: str) -> None:
    assert told(now).words[2].startswith(f"Do this by {by}:")


# Sent on Christmas Eve as they close; seen a day later as they close for lunch, and late.
@pytest.mark.parametrize(
    ("sent", "now", "opening_hours", "words"),
    [
        (
            datetime(2026, 12, 24, 17, 45, tzinfo=UTC),
            datetime(2026, 12, 24, 17, 45, tzinfo=UTC),
            HOURS.replace("; Sa 09:00-13:00", ""),
            ("now, before they close at 6pm: they do not open again", "Do this by 6:00pm today:"),
        ),
        (
            datetime(2026, 11, 30, 12, 15, tzinfo=UTC),
            datetime(2026, 12, 1, 11, 50, tzinfo=UTC),
            "Mo-Fr 09:00-12:00,13:30-18:00; PH off",
            ("now, before they close at midday: they do not", "Do this by 12:00pm today:"),
        ),
        (
            SENT,
            SENT + timedelta(hours=23, minutes=30),
            HOURS,
            ("now, or at any time.", "Do this by 9:41am today:"),
        ),
    ],
)
def test_no_time_is_told_after_the_referral_s_own_24_hours(
    sent: datetime, now: datetime, opening_hours: str, words: tuple[str, str]
) -> None:
    made = referral(opening_hours=opening_hours)
    made.sent_at = sent
    said = advice.advise(
        made, pharmacy_reference="", reason="Itch", received_at=sent, now=now
    ).words
    assert said[1].startswith(f"Phone or visit them {words[0]}")
    assert said[2].startswith(words[1])


def test_after_24_hours_nobody_is_sent_there() -> None:
    after = told(SENT + timedelta(hours=24))
    assert after.words == ()
    assert after.too_late == (
        "The 24 hours for Well Street Pharmacy were over at 9:41am on 1 December 2026. If the "
        "patient has not been in touch with it, talk to them again before you refer them."
    )
    assert told(SENT + timedelta(hours=23, minutes=59)).words


def test_a_pharmacy_that_opens_after_the_24_hours_is_not_told_to_the_patient() -> None:
    closed = told(SENT.replace(hour=19), opening_hours="Mo 09:00-18:00; Th 09:00-18:00; PH off")
    assert closed.words == ()
    assert closed.too_late.startswith(
        "Well Street Pharmacy does not open again before the 24 hours are over."
    )


def slip(now: datetime = SENT, *, has_arrived: bool = True, **of_pharmacy: Any) -> advice.Slip:
    made = advice.slip(
        referral(**of_pharmacy),
        has_arrived=has_arrived,
        pharmacy_reference="WM-4F7K2" if has_arrived else "",
        now=now,
    )
    assert made
    return made


def test_the_slip_is_for_later_and_says_whole_dates() -> None:
    assert slip() == advice.Slip(
        lines=(
            ("Pharmacy", "Well Street Pharmacy"),
            ("Address", "4 Well Street, Westmere, WM1 3DE"),
            ("Phone", "01632 960 201"),
            ("Open", "Monday to Friday 9am to 6pm, Saturday 9am to 1pm"),
            ("Reference", "PR-7K2M-9QXW"),
            ("Pharmacy's reference", "WM-4F7K2"),
            ("Contact them by", "9:41am on 1 December 2026"),
        ),
        sentences=(
            "Larkfield Surgery has sent a referral to this pharmacy.",
            "30 November 2026: phone or visit them until 6pm.",
        ),
        if_worse=(
            "Phone 111 or go to 111.nhs.uk. In an emergency, phone 999.",
            "For anything else, phone Larkfield Surgery on 01632 960 101.",
        ),
    )


@pytest.mark.parametrize(
    ("now", "hours", "words"),
    [
        (SENT.replace(hour=8), HOURS, "today from 9am"),
        (SENT.replace(hour=17, minute=45), HOURS, "until 6pm, or tomorrow (Tuesday) from 9am"),
        (SENT.replace(hour=20), HOURS, "tomorrow (Tuesday) from 9am"),
        (SENT, "24/7", "at any time"),
    ],
)
def test_the_slip_says_no_now_that_is_over_when_it_is_read(
    now: datetime, hours: str, words: str
) -> None:
    made = slip(now, opening_hours=hours)
    assert made.sentences[-1] == f"30 November 2026: phone or visit them {words}."


def test_the_slip_of_a_pharmacy_that_nobody_can_visit_says_phone() -> None:
    assert slip(is_distance_selling=True).sentences[-1] == "30 November 2026: phone them until 6pm."


def test_the_slip_of_what_has_not_arrived_says_so() -> None:
    assert slip(has_arrived=False).sentences[:2] == (
        "Larkfield Surgery is sending a referral to this pharmacy. It has not arrived yet.",
        "Phone the pharmacy before you go, and ask if it has arrived.",
    )
    assert slip(has_arrived=False, phone="").sentences[1] == (
        "Before you go, ask Larkfield Surgery if it has arrived."
    )


@pytest.mark.parametrize(
    ("phone", "words"),
    [
        ("+441632960201", "Phone before you go: we are not sure when it is open."),
        ("", "Check the hours before you go: we are not sure when it is open."),
    ],
)
def test_a_slip_without_sure_hours_says_what_to_do(phone: str, words: str) -> None:
    made = slip(opening_hours="", phone=phone)
    assert made.sentences[-1] == words
    assert "Open" not in dict(made.lines)


def test_there_is_no_slip_once_it_is_too_late() -> None:
    late = SENT + timedelta(hours=24)
    assert advice.slip(referral(), has_arrived=True, pharmacy_reference="", now=late) is None
