from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from referrals import hours
from referrals.hours import NOT_KNOWN, Days, NotHoursError

LONDON = ZoneInfo("Europe/London")
USUAL = "Mo-Fr 09:00-18:00; Sa 09:00-13:00; PH off"
ALL_DAY = "24/7"
BEFORE = "now, before they close at {}: they do not open again before the 24 hours are over"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def in_24_hours(moment: str) -> datetime:
    return at(moment).astimezone(UTC) + timedelta(hours=24)


@pytest.mark.parametrize(
    ("text", "moment", "words"),
    [
        (USUAL, "2026-12-01 12:00", "Open now, closes 6pm"),
        (USUAL, "2026-12-01 08:59", "Closed now, opens 9am"),
        (USUAL, "2026-12-01 09:00", "Open now, closes 6pm"),
        (USUAL, "2026-12-01 18:00", "Closed now, opens 9am tomorrow"),
        (USUAL, "2026-12-05 13:00", "Closed now, opens 9am on Monday"),
        ("Mo-Fr 09:00-12:30,13:30-17:30", "2026-12-01 13:00", "Closed now, opens 1:30pm"),
        ("Mo-Su 08:00-24:00; PH off", "2026-12-01 12:00", "Open now, closes midnight"),
        ("Mo-Sa 22:00-02:00; PH off", "2026-12-01 23:00", "Open now, closes 2am tomorrow"),
        ("Mo-Fr 08:00-12:00; PH off", "2026-12-01 09:00", "Open now, closes midday"),
        (ALL_DAY, "2026-12-25 12:00", "Open now, 24 hours a day"),
        ("off", "2026-12-01 12:00", "Closed"),
        ("Jul-Sep Mo-Fr 08:00-20:00; Sa off; Sa 09:00-13:00; PH off", "2026-07-31 21:00",
         "Closed now, opens 9am tomorrow"),
        ("Mo-Su 09:00-17:00; 2026 Dec 01-2026 Dec 20 off; PH off", "2026-12-01 12:00",
         "Closed now, opens 9am on Monday 21 December"),
        ("24/7; Su off", "2026-12-04 12:00", "Open now, closes midnight tomorrow"),
        ("24/7; Su off", "2026-12-05 23:59", "Open now, closes midnight"),
        ("24/7; Su off", "2026-12-06 00:00", "Closed now, opens midnight"),
        ("Th 00:00-24:00; PH off", "2026-11-30 12:00", "Closed now, opens midnight on Wednesday"),
        ("Mo-Su 08:00-24:00; PH off", "2026-12-02 00:00", "Closed now, opens 8am"),
        ("Fr 18:00-02:00; PH off", "2026-12-05 01:59", "Open now, closes 2am"),
        ("Fr 18:00-02:00; PH off", "2026-12-05 02:00", "Closed now, opens 6pm on Friday"),
        # At Christmas it is closed from midnight on.
        ("Fr 18:00-02:00; PH off", "2027-12-24 23:00", "Open now, closes midnight"),
        # The clocks go forward at 1am: there is no half past.
        ("Su 01:30-05:00; PH off", "2027-03-28 00:30", "Closed now, opens 2am"),
        ("Sa 18:00-01:30; PH off", "2026-10-24 23:00", "Open now, closes 1:30am tomorrow"),
        (USUAL, "2028-02-28 18:00", "Closed now, opens 9am tomorrow"),
        ("Mo-Sa 09:00-18:00; Feb 29 off; PH off", "2028-02-28 18:00",
         "Closed now, opens 9am on Wednesday"),
        (USUAL, "2027-03-27 13:00", "Closed now, opens 9am on Tuesday"),  # after Easter
        (USUAL, "2026-12-26 10:00", "Closed now, opens 9am on Tuesday"),
        ("Mo-Fr 09:00-18:00; Su,PH 10:00-16:00", "2026-12-31 18:00",
         "Closed now, opens 10am tomorrow"),
        ('Mo-Fr 09:00-12:00, Mo-Fr 14:00-18:00 "by appointment"', "2026-12-01 13:00",
         "Closed now, hours later today not known: phone first"),
        ('Mo-Fr 09:00-18:00 "by appointment"', "2026-12-01 12:00", NOT_KNOWN),
        ("Mon to Fri 9am to 6pm", "2026-12-01 12:00", NOT_KNOWN),
        ("", "2026-12-01 12:00", NOT_KNOWN),
    ],
)  # fmt: skip
def test_words_say_whether_it_is_open_and_what_comes_next(
    text: str, moment: str, words: str
) -> None:
    assert hours.opening(text, at=at(moment)).words == words


@pytest.mark.parametrize(
    ("text", "moment", "words"),
    [
        (USUAL, "2026-12-01 12:00", "now, until 6pm"),
        (USUAL, "2026-12-01 17:40", "now, until 6pm, or tomorrow (Wednesday) from 9am"),
        (USUAL, "2026-12-01 07:00", "today from 9am"),
        (USUAL, "2026-11-30 19:00", "tomorrow (Tuesday) from 9am"),
        (USUAL, "2026-12-05 15:00", "on Monday from 9am"),
        (ALL_DAY, "2026-12-01 15:00", "now, or at any time"),
        ("", "2026-12-01 15:00", "by phone first: we do not know when it is open"),
        # What opens again after the 24 hours is not for this patient.
        ("Mo-Fr 09:00-18:00; PH off", "2026-12-24 17:45", BEFORE.format("6pm")),
        (USUAL, "2026-12-05 10:00", BEFORE.format("1pm")),
        (USUAL, "2026-12-31 17:45", BEFORE.format("6pm")),
        ("Mo-Sa 00:00-24:00; PH off", "2026-12-05 12:00", BEFORE.format("midnight")),
        ("Fr 18:00-02:00; PH off", "2026-12-04 23:00", BEFORE.format("2am tomorrow")),
        # An hour comes twice: it is 24 and a half until 9am.
        ("Mo-Su 09:00-18:00; PH off", "2026-10-24 09:30", BEFORE.format("6pm")),
        ("Mo-Sa 00:00-24:00; PH off", "2026-12-01 12:00", "now, or at any time"),
        ("Mo-Fr 09:00-18:00", "2026-12-24 10:00",
         "now, before they close at 6pm: we do not know when they open again"),
        ("Mo-Fr 09:00-18:00; Sa 09:00-13:00; PH off", "2027-01-01 09:01",
         "tomorrow (Saturday) from 9am"),
        ("24/7; Su off", "2026-12-06 12:00", "tonight from midnight"),
        ("24/7; Su off", "2026-12-05 23:50", BEFORE.format("midnight")),
        ("Mo-Su 08:00-24:00; PH off", "2026-12-01 23:59",
         "now, until midnight, or tomorrow (Wednesday) from 8am"),
        ("Mo-Su 20:00-02:00; PH off", "2026-12-02 01:45", "now, until 2am, or today from 8pm"),
    ],
)  # fmt: skip
def test_a_patient_is_told_when_to_contact_it(text: str, moment: str, words: str) -> None:
    assert hours.opening(text, at=at(moment)).when_to_contact(in_24_hours(moment)) == words


def test_what_closes_in_half_an_hour_closes_soon() -> None:
    assert not hours.opening(USUAL, at=at("2026-12-01 17:29")).closing_soon
    assert hours.opening(USUAL, at=at("2026-12-01 17:30")).closing_soon
    assert not hours.opening(ALL_DAY, at=at("2026-12-01 17:30")).closing_soon


@pytest.mark.parametrize(
    ("text", "moment", "is_closed"),
    [
        (USUAL, "2026-12-05 12:59", False),  # a Saturday
        (USUAL, "2026-12-05 13:00", True),
        (USUAL, "2026-12-06 09:00", True),  # it opens in 24 hours, not within them
        (USUAL, "2026-12-06 09:01", False),
        ("off", "2026-12-01 12:00", True),
        ("", "2026-12-05 13:00", False),
        (USUAL, "2027-01-01 09:00", True),
        (USUAL, "2027-01-01 09:01", False),
        (USUAL, "2027-03-28 09:00", True),  # Easter Monday follows
        ("24/7; Su off", "2026-12-06 00:00", True),
        ("24/7; Su off", "2026-12-06 00:01", False),
        ("Fr 18:00-02:00; PH off", "2026-12-05 01:00", False),
        ("Fr 18:00-02:00; PH off", "2026-12-03 18:00", True),
        ("Fr 18:00-02:00; PH off", "2026-12-03 18:01", False),
        # By the clock a minute more or less than 24 hours, in truth an hour less or more.
        ("Su 09:00-10:00; PH off", "2027-03-27 08:59", False),
        ("Su 09:00-10:00; PH off", "2026-10-24 09:01", True),
    ],
)
def test_one_that_does_not_open_within_24_hours_is_known(
    text: str, moment: str, is_closed: bool
) -> None:
    assert hours.opening(text, at=at(moment)).closed_for_24_hours is is_closed


# Easter Monday, August, Boxing Day's substitute and New Year's Day are what the evaluator lacks;
# the first Monday in August is a holiday in Scotland only.
@pytest.mark.parametrize(
    ("day", "is_holiday"),
    [
        ("2026-04-06", True),
        ("2026-08-03", False),
        ("2026-08-31", True),
        ("2026-12-28", True),
        ("2027-01-01", True),
        ("2034-01-02", True),
    ],
)
def test_bank_holidays_are_englands(day: str, is_holiday: bool) -> None:
    noon = at(f"{day} 12:00")
    assert hours.opening("Mo-Fr 09:00-18:00; PH off", at=noon).is_open is not is_holiday
    assert hours.opening("Su,PH 10:00-16:00", at=noon).is_open is is_holiday


def test_hours_that_say_nothing_of_bank_holidays_are_not_known_on_them() -> None:
    easter_monday = hours.opening("Mo-Fr 09:00-18:00", at=at("2026-04-06 12:00"))
    assert easter_monday.words == NOT_KNOWN
    evening = hours.opening("Mo-Fr 09:00-18:00", at=at("2026-12-24 19:00"))
    assert evening.words == "Closed now, hours tomorrow not known: phone first"
    assert not evening.closed_for_24_hours
    assert (
        evening.when_to_contact(in_24_hours("2026-12-24 19:00"))
        == "by phone first: we do not know when it is open"
    )


# Christmas Day of 2026 is a Friday, Boxing Day a Saturday, and Monday its substitute.
@pytest.mark.parametrize(
    ("text", "moment", "words"),
    [
        ("Mo-Fr 09:00-18:00; Dec 25-28 off", "2026-12-25 10:00",
         "Closed now, opens 9am on Tuesday"),
        ("Mo-Fr 09:00-18:00; 2026 Dec 25 off", "2026-12-28 10:00", NOT_KNOWN),
        ("Mo-Fr 09:00-18:00", "2026-12-26 10:00",
         "Closed now, hours on Monday not known: phone first"),
        ("Mo-Fr 09:00-18:00; Su off", "2027-12-26 10:00",  # a Sunday
         "Closed now, hours tomorrow not known: phone first"),
        ("Mo-Sa 09:00-18:00; Su off", "2026-12-26 10:00", NOT_KNOWN),
        ('Mo-Fr 09:00-18:00; Su off "we phone back 24/7"', "2026-12-25 10:00", NOT_KNOWN),
        ('Mo-Fr 09:00-18:00; Su off "as on a PH"', "2026-12-25 10:00", NOT_KNOWN),
    ],
)  # fmt: skip
def test_what_is_closed_on_a_bank_holiday_as_it_is_written_stays_closed(
    text: str, moment: str, words: str
) -> None:
    assert hours.opening(text, at=at(moment)).words == words


def test_a_rota_on_a_bank_holiday_comes_after_it() -> None:
    text = "Mo-Fr 09:00-18:00; PH off; 2026 Dec 26 10:00-12:00"
    assert hours.opening(text, at=at("2026-12-26 11:00")).words == "Open now, closes midday"


def test_one_off_closures_count_for_whole_days() -> None:
    closures = "2026-12-02 to 2026-12-03, 2026-12-07"
    closed = hours.opening(USUAL, closures=closures, at=at("2026-12-01 18:30"))
    assert (closed.words, closed.closed_for_24_hours) == ("Closed now, opens 9am on Friday", True)
    assert not hours.opening(USUAL, closures=closures, at=at("2026-12-07 12:00")).is_open
    assert hours.opening("9 to 5", closures=closures, at=at("2026-12-02 12:00")).is_known
    assert not hours.opening("9 to 5", closures=closures, at=at("2026-12-04 12:00")).is_known


def test_the_hours_are_londons_on_both_sides_of_a_change_of_clocks() -> None:
    assert hours.opening(USUAL, at=datetime(2026, 7, 1, 8, 30, tzinfo=UTC)).is_open
    assert not hours.opening(USUAL, at=datetime(2026, 12, 1, 8, 30, tzinfo=UTC)).is_open
    night = hours.opening("Mo-Su 22:00-03:00; PH off", at=at("2026-10-24 23:00"))
    assert night.closes_at
    assert night.closes_at - night.at == timedelta(hours=5)  # an hour comes twice


# None begins or ends between 1am and 2am: when the clocks go back, that is twice.
HOURS = (
    *(USUAL, ALL_DAY, "24/7; Su off", "Fr 18:00-02:00; PH off", "Mo-Su 00:30-02:30"),
    *("Mo-Fr 09:00-12:30,13:30-24:00", "Mo-Sa 22:00-02:00; Su,PH 00:00-03:00"),
    "Mo-Fr 09:00-18:00; Dec 24-28 off; 2027 Jan 02 10:00-12:00",
)
FIRST_DAY, MINUTES = datetime(2026, 10, 1, tzinfo=UTC), 550 * 24 * 60
MOMENTS = some.integers(0, MINUTES).map(lambda minutes: FIRST_DAY + timedelta(minutes=minutes))
NIGHTS = some.sampled_from(["2026-10-25", "2027-03-28", "2027-10-31", "2028-03-26"]).flatmap(
    lambda day: some.integers(-180, 300).map(
        lambda minutes: at(day).astimezone(UTC) + timedelta(minutes=minutes)
    )
)


@given(some.sampled_from(HOURS), MOMENTS | NIGHTS)
@settings(database=None, deadline=None)
def test_what_is_said_to_come_next_comes_next(text: str, moment: datetime) -> None:
    now = hours.opening(text, at=moment)
    for change, is_open in ((now.closes_at, False), (now.opens_at, True)):
        if change:
            before = hours.opening(text, at=change - timedelta(microseconds=1))
            assert (before.is_known and before.is_open) is not is_open
            then = hours.opening(text, at=change)
            assert (then.is_known and then.is_open) is is_open
    if now.closes_at and now.opens_at:
        assert now.closes_at < now.opens_at


def test_days_of_closure_are_read() -> None:
    first, last = date(2026, 12, 24), date(2026, 12, 28)
    assert hours.read_closures("24/12/2026 to 2026-12-28;2027-01-02") == (
        Days(first, last),
        Days(date(2027, 1, 2), date(2027, 1, 2)),
    )
    assert hours.read_closures("") == ()


@pytest.mark.parametrize(
    "text",
    [
        "tomorrow",
        "2026-02-30",
        "2026-12-28 to 2026-12-24",
        "1/2/3/4",
        "2026-1-1",
        "//",
        "2027-02-29",
    ],
)
def test_days_of_closure_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(NotHoursError):
        hours.read_closures(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (USUAL, "Monday to Friday 9am to 6pm, Saturday 9am to 1pm"),
        ("Mo-Su 07:00-22:00", "Every day 7am to 10pm"),
        (ALL_DAY, "Every day 24 hours"),
        ("Mo-Fr 09:00-13:00,14:00-17:30", "Monday to Friday 9am to 1pm and 2pm to 5:30pm"),
        ("Mo-Fr 09:00-17:00; Sa,Su 10:00-12:00",
         "Monday to Friday 9am to 5pm, Saturday and Sunday 10am to midday"),
        ("Mo,We,Fr 09:00-17:00; Tu 10:00-12:00",
         "Monday, Wednesday and Friday 9am to 5pm, Tuesday 10am to midday"),
        ("Mo-Su 08:00-24:00", "Every day 8am to midnight"),
        ("Fr,Sa 22:00-02:00", "Friday and Saturday 10pm to 2am"),
        ("Mo-Fr 00:00-24:00", "Monday to Friday 24 hours"),
        ("off", "Closed"),
        ("Mon to Fri 9am to 6pm", "Mon to Fri 9am to 6pm"),
        ("", ""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("today", [date(2026, 12, 1), date(2026, 12, 25), date(2027, 3, 26)])
def test_a_usual_week_is_said_in_words(text: str, words: str, today: date) -> None:
    assert hours.week_in_words(text, today=today) == words


def test_a_prescriber_is_there_on_a_day_that_its_hours_name() -> None:
    monday, tuesday = date(2026, 11, 30), date(2026, 12, 1)
    assert hours.is_open_on(tuesday, "Tu,Th 09:00-12:00; PH off")
    assert not hours.is_open_on(monday, "Tu,Th 09:00-12:00; PH off")
    assert not hours.is_open_on(tuesday, "Tu 09:00-12:00", closures="2026-12-01")
    assert not hours.is_open_on(tuesday, "Tuesdays")
    assert not hours.is_open_on(tuesday, "")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Mon to Fri 9am to 6pm", "There is no time in"),
        ("Mo-Fr", "There is no time in"),
        ("", "There is no time in"),
        ("Mon-Fri 9:00 to 18:00", "cannot be read. Write hours as in Mo-Fr 09:00-18:00"),
        ("Mo-Fr 09:00-18:00; SH off", "cannot depend on school holidays"),
        ("09:00-sunset", "cannot depend on school holidays or on the sun"),
        ("Mo-Fr 09:00-18:00; PH -1 day off", "cannot depend on the days beside"),
        ("Mo-Fr 09:00-18:00; Dec PH off", "PH must stand first in its rule"),
        *[
            (f"{before} off; Mo-Fr 09:00-18:00", "closed after the days of the week")
            for before in ("PH", "Dec 25-28", "2026 Aug 03-2026 Aug 14", "Jul 20-Aug 01", "easter")
        ],
        ('Mo-Fr 09:00-18:00 || "phone"', "cannot have others to fall back on (||)"),
        ("Mo-Fr 09:00-18:00; PH off || 10:00-12:00", "cannot have others to fall back on (||)"),
        ("Mo-Fr 09:00-18:00" + "; Sa off" * 40, "Hours must be 300 characters or fewer"),
    ],
)
def test_hours_that_cannot_be_evaluated_are_refused_and_not_known(text: str, sentence: str) -> None:
    with pytest.raises(NotHoursError) as refused:
        hours.check(text)
    assert sentence in str(refused.value)
    assert hours.opening(text, at=at("2026-12-01 12:00")).words == NOT_KNOWN
