"""What follows from the answers: a stop with advice, or a minor illness; never a rejection."""

import re
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site
from tests.journeys.looking import look
from tests.journeys.people import choose, choose_pharmacy, sign_in, write_referral

pytestmark = [pytest.mark.needs("chromium", "oathtool"), pytest.mark.timeout(180)]
CALL_999, GP_TODAY, GP, TOO_YOUNG = (
    re.compile(words)
    for words in (
        "needs 999 or A&E now",
        "needs a GP today",
        "needs a GP appointment",
        "A child under 1",
    )
)
SALTBY_LATE_NIGHT = "2000000108"  # DoS service id


@pytest.mark.parametrize("has_script", [True, False])
def test_an_emergency_stops_at_once_and_a_copy_can_be_corrected(
    site: Site, open_browser: Callable[..., Page], has_script: bool
) -> None:
    page = open_browser(viewport={"width": 320, "height": 800}, java_script_enabled=has_script)
    sign_in(site, page, f"jane.stops.{has_script}@larkfield.example".lower())
    page.get_by_role("button", name="New referral").click()
    record = page.get_by_role("button", name="Record this and stop")
    expect(record).to_be_hidden()
    choose(page, q_emergency="some")
    expect(record).to_have_accessible_description(CALL_999)
    if has_script:
        expect(record).to_be_in_viewport()
        expect(page.locator("#stop-aloud")).to_have_text(CALL_999)
    page.get_by_role("checkbox", name="has chest pain").check()
    name = f"Stops {has_script}"
    page.get_by_label("Last name").fill(name)
    look(page, f"emergency, script {has_script}")
    expect(record).to_have_count(1)
    record.click()
    expect(page.get_by_role("heading", name="Call 999: this referral was not sent")).to_be_visible()
    expect(page.get_by_text("The answer to “has chest pain” was yes.")).to_be_visible()
    look(page, f"stopped, script {has_script}")
    page.get_by_role("button", name="Change the answers").click()
    expect(page.get_by_label("Last name")).to_have_value(name)
    expect(page.get_by_role("checkbox", name="has chest pain")).to_be_checked()
    page.get_by_role("link", name="Back to referrals").click()
    expect(page.get_by_role("row", name=name).filter(has_text="Stopped")).to_have_count(1)


@pytest.mark.parametrize("has_script", [True, False])
def test_the_gravest_of_what_is_ticked_is_said_at_once(
    site: Site, open_browser: Callable[..., Page], has_script: bool
) -> None:
    page = open_browser(viewport={"width": 320, "height": 800}, java_script_enabled=has_script)
    sign_in(site, page, f"jane.gravest.{has_script}@larkfield.example".lower())
    page.get_by_role("button", name="New referral").click()
    choose(page, pathway="sore_throat")
    if not has_script:
        page.get_by_role("button", name="Show the questions").click()
    record, aloud = (
        page.get_by_role("button", name="Record this and stop"),
        page.locator("#stop-aloud"),
    )
    choose(page, q_sore_throat_red_flags="some")
    expect(record).to_have_count(0)  # not before it is known what it is
    steps = {"cancer": GP, "quinsy": GP_TODAY, "abscess": CALL_999}
    for code, said in steps.items():
        page.locator(f"[name=q_sore_throat_{code}]").check()
        expect(record).to_have_count(1)
        expect(record).to_have_accessible_description(said)
        if has_script:
            expect(aloud).to_have_text(said)
    look(page, f"red flags, script {has_script}")
    for code in steps:
        page.locator(f"[name=q_sore_throat_{code}]").uncheck()
    expect(record).to_have_count(0)
    choose(page, q_sore_throat_red_flags="unsure")
    expect(record).to_have_accessible_description(CALL_999)
    page.get_by_label("Last name").fill("Not Sure")
    record.click()
    expect(page.get_by_role("heading", name="Call 999: this referral was not sent")).to_be_visible()


def test_who_is_too_young_is_said_as_soon_as_the_date_of_birth_is_there(
    site: Site, page: Page
) -> None:
    sign_in(site, page, "jane.infant@larkfield.example")
    page.get_by_role("button", name="New referral").click()
    record = page.get_by_role("button", name="Record this and stop")
    today = timezone.localdate()
    for name, number in (("Day", today.day), ("Month", today.month), ("Year", today.year - 1)):
        page.get_by_label(name, exact=True).fill(str(number))
    page.keyboard.press("Tab")
    expect(record).to_have_count(0)  # one year old today
    page.get_by_label("Year", exact=True).fill(str(today.year))
    page.keyboard.press("Tab")
    expect(record).to_have_accessible_description(TOO_YOUNG)
    expect(page.locator("#stop-aloud")).to_have_text(TOO_YOUNG)
    look(page, "too young")
    record.click()
    expect(page.get_by_role("heading", name="GP today: this referral was not sent")).to_be_visible()


def test_who_is_too_young_for_a_pathway_goes_as_a_minor_illness(site: Site, page: Page) -> None:
    sign_in(site, page, "jane.minor@larkfield.example")
    page.get_by_role("button", name="New referral").click()
    write_referral(page, **{"NHS number": "", "Last name": "Minor", "Year": "2023"})
    choose_pharmacy(page, "Saltby Late Night Pharmacy")
    page.get_by_role("button", name="Continue").last.click()
    first = page.locator(".app-check__unusual")
    expect(first).to_contain_text(
        "This will be sent as a minor illness: acute sore throat referrals are only for people"
    )
    expect(page.locator("#check")).to_be_focused()
    look(page, "check, minor illness")
    page.locator("#check").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Send referral")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Delivered")).to_be_visible()
    look(page, "delivered, minor illness")
    assert site.received(by=SALTBY_LATE_NIGHT)[-1]["outcome"] == "processed"


@pytest.mark.parametrize("name", ["allergies", "medicines"])
def test_which_ones_is_asked_of_who_told_of_some(site: Site, page: Page, name: str) -> None:
    sign_in(site, page, f"jane.told.{name}@larkfield.example")
    page.get_by_role("button", name="New referral").click()
    which = page.get_by_label(f"Which {name}?")
    expect(which).to_be_hidden()
    page.get_by_label(f"Did they tell you about new {name}?").select_option("Yes")
    expect(which).to_be_visible()
    page.get_by_label(f"Did they tell you about new {name}?").select_option("No new ones")
    expect(which).to_be_hidden()


def test_a_minor_illness_is_no_way_round_the_red_flags(site: Site, page: Page) -> None:
    sign_in(site, page, "jane.round@larkfield.example")
    page.get_by_role("button", name="New referral").click()
    write_referral(page, **{"NHS number": "", "Last name": "Round"})
    choose_pharmacy(page, "Saltby Late Night Pharmacy")
    red_flags = page.get_by_role("group", name="Is any of this true of the patient?")
    listed = red_flags.get_by_role("listitem").filter(visible=True)
    choose(page, pathway="minor_illness")
    expect(red_flags).to_have_count(0)
    page.get_by_label("Minor illness", exact=True).select_option("Sore throat")
    expect(listed).to_have_count(8)
    # Answered for the pathway, which has the same ones.
    expect(page.locator("[name=q_sore_throat_red_flags]:checked")).to_have_value("none")
    page.get_by_label("Minor illness", exact=True).select_option("Skin, blisters or rash")
    expect(red_flags).to_have_count(2)
    look(page, "red flags of a minor illness")
    choose(page, pathway="sinusitis")  # the list of minor illnesses says nothing any more
    expect(red_flags).to_have_count(1)
    choose(page, pathway="minor_illness")
    page.get_by_label("Minor illness", exact=True).select_option("Sore throat")
    expect(red_flags).to_have_count(1)
    choose(page, q_sore_throat_red_flags="some")
    page.get_by_role("button", name="Continue").last.click()
    summary = page.get_by_role("link", name="Tick which of the questions on acute sore throat")
    summary.click()
    expect(page.locator("#id_q_sore_throat_red_flags")).to_be_focused()
    page.get_by_role("checkbox", name="has swollen glands and is very tired").check()
    look(page, "which red flag")
    choose(page, pathway="sinusitis", q_sinusitis_red_flags="none", q_sinusitis_criteria="none")
    page.get_by_role("button", name="Continue").last.click()
    expect(page.locator(".app-check__unusual")).to_contain_text(
        "You also answered yes to “has swollen glands and is very tired” under Acute sore throat"
    )
    look(page, "check, red flag of another condition")


def test_the_questions_fit_the_patient(site: Site, page: Page) -> None:
    sign_in(site, page, "jane.fits@larkfield.example")
    page.get_by_role("button", name="New referral").click()
    criteria = page.get_by_role("group", name="Do any of these apply?")
    expect(criteria).to_have_count(0)  # nothing is chosen
    choose(page, pathway="sore_throat", sex="female")
    expect(criteria).to_be_visible()  # the age is not known yet
    for name, text in (("Day", "15"), ("Month", "3"), ("Year", "1992")):
        page.get_by_label(name, exact=True).fill(text)
    page.keyboard.press("Tab")
    expect(criteria).to_have_count(0)
    page.get_by_label("Year", exact=True).fill("2012")
    page.keyboard.press("Tab")
    expect(criteria).to_be_visible()
    # What is ticked stops nothing once it is not asked any more.
    record = page.get_by_role("button", name="Record this and stop")
    page.get_by_label("Year", exact=True).fill("1992")
    choose(page, pathway="uti", q_uti_red_flags="some", q_uti_pregnant="yes")
    expect(record).to_have_count(1)
    choose(page, sex="male")
    expect(record).to_have_count(0)
    # "None of these" takes back what was ticked before.
    choose(page, q_emergency="some")
    page.get_by_role("checkbox", name="has chest pain").check()
    choose(page, q_emergency="none")
    expect(record).to_have_count(0)
    assert page.locator("[name=q_emergency_chest_pain]:checked").count() == 0


def test_a_question_that_comes_up_later_takes_the_answer_back(site: Site, page: Page) -> None:
    sign_in(site, page, "jane.asked@larkfield.example")
    page.get_by_role("button", name="New referral").click()
    for name, text in (("Day", "15"), ("Month", "March"), ("Year", "1992")):
        page.get_by_label(name, exact=True).fill(text)
    choose(page, sex="male", pathway="shingles", q_shingles_criteria="some")
    page.get_by_role("checkbox", name="has had the rash for more than 7 days").check()
    shown = page.locator("[name=shown_shingles_criteria]")
    expect(shown).to_have_value("shingles_late")
    choose(page, sex="female")
    again = page.get_by_role("status").filter(has_text="Answer again: there is a new question.")
    expect(again).to_be_visible()
    expect(page.locator("[name=q_shingles_criteria]:checked")).to_have_count(0)
    expect(page.locator("[name=q_shingles_late]")).to_be_checked()
    expect(shown).to_have_value("shingles_late shingles_pregnant")
    look(page, "answer again")
    choose(page, q_shingles_criteria="some")
    expect(again).to_have_count(0)
    # Who was asked more has answered less, too.
    choose(page, sex="male")
    expect(page.locator("[name=q_shingles_criteria]:checked")).to_have_value("some")
    page.get_by_label("Year", exact=True).fill("1950")
    choose(page, sex="female")
    expect(page.locator("[name=q_shingles_criteria]:checked")).to_have_value("some")
