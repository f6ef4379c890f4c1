"""The referral form: what may be written in each field, in plain English."""

import re
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date
from typing import Any

from django import forms

from accounts.forms import Text, Unchanging
from accounts.wording import MONTHS as MONTH_NAMES
from referrals import nhs_numbers, pathways, wording
from referrals.details import Details
from referrals.fhir.content import Relationship
from referrals.models import Pharmacy
from referrals.typed import one_line, passage

OLDEST = 130  # years
LONGEST_COMPLAINT = 1000  # characters
# As Royal Mail writes them, and ZZ99 for people without a fixed address (NHS Data Dictionary).
POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][A-Z]{2})")
IN_PERSON = {"otitis_media"}  # needs an otoscope
MONTHS = [month.casefold() for month in MONTH_NAMES]
BIRTH = {"birth_day": "day", "birth_month": "month", "birth_year": "year"}
NO_CONSENT = "The referral can be sent only if they agree that their details are shared"
TOO_YOUNG = "Children under 1 year cannot be referred. Offer an appointment at the practice"

PATHWAYS = {
    **{pathway.code: pathway.name for pathway in pathways.PATHWAYS.values()},
    pathways.MINOR_ILLNESS: "Minor illness",
}
SYMPTOM_GROUPS = {
    "": "Choose from the list",
    **{name: name for name in (*pathways.SYMPTOM_GROUPS, pathways.OTHER_MINOR_ILLNESS)},
}
NO_ILLNESS = "Select the minor illness from the list"


class Line(Text):
    """A line of text for people to read."""

    def to_python(self, value: Any) -> str | None:
        """Return the text as it can be seen, on one line."""
        return super().to_python(one_line(value) if value else value)


class Passage(Text):
    """Text of several lines; a line end counts once, however the browser sends it."""

    def to_python(self, value: Any) -> str | None:
        """Return the text as it can be seen, with plain line ends."""
        return super().to_python(passage(value) if value else value)


class Choice(Unchanging, forms.ChoiceField):
    """One of several, or none; the message for none and for something else is the same."""

    def __init__(
        self, *, label: str, wrong: str, choices: Mapping[str, str], is_required: bool = True
    ) -> None:
        """Take the choices and the message."""
        super().__init__(
            label=label,
            choices=list(choices.items()),
            required=is_required,
            error_messages={"required": wrong, "invalid_choice": wrong},
        )


class YesOrNothing(Unchanging, forms.BooleanField):
    """A box to tick."""


def clean_phone(typed: str) -> str:
    """Return a telephone number in digits and spaces.

    Raises:
        django.core.exceptions.ValidationError: it cannot be one.
    """
    number = re.sub(r"[\s()./\u2010-\u2015-]+", " ", typed).strip()
    digits = number.replace(" ", "")
    if not re.fullmatch(r"0[0-9]{9,10}|\+[1-9][0-9]{7,14}", digits, re.ASCII):
        raise forms.ValidationError("Enter a phone number, as in 01632 960 001 or 07700 900 982")
    return number


def clean_postcode(typed: str) -> str:
    """Return a postcode in capitals with its space.

    Raises:
        django.core.exceptions.ValidationError: it cannot be one.
    """
    found = POSTCODE.fullmatch("".join(typed.upper().split()))
    if not found:
        raise forms.ValidationError("Enter a full UK postcode, as in WM1 2AB")
    return f"{found[1]} {found[2]}"


def _digits(text: str) -> int:
    """Return a day or month; int() takes more than people mean."""
    if not re.fullmatch("[0-9]{1,2}", text, re.ASCII):
        raise ValueError(text)
    return int(text)


def birth_date(parts: dict[str, Any], *, today: date) -> date:
    """Return the date that day, month (a number or a name) and year say.

    Raises:
        django.core.exceptions.ValidationError: there is none, or nobody is that old.
    """
    missing = [word for word, typed in parts.items() if not typed]
    if len(missing) == len(parts):
        raise forms.ValidationError("Enter the patient's date of birth")
    if missing:
        raise forms.ValidationError(f"Date of birth must include a {' and a '.join(missing)}")
    month = parts["month"].casefold()
    named = [number for number, name in enumerate(MONTHS, 1) if month in {name, name[:3]}]
    if not re.fullmatch(r"[0-9]{4}", parts["year"], re.ASCII):
        raise forms.ValidationError("Year of birth must be 4 digits, as in 1984")
    try:
        day = _digits(parts["day"])
        born = date(int(parts["year"]), named[0] if named else _digits(month), day)
    except ValueError:
        raise forms.ValidationError("Date of birth must be a real date") from None
    if born > today:
        raise forms.ValidationError("Date of birth must be in the past")
    if today.year - born.year > OLDEST:
        raise forms.ValidationError("Date of birth is too long ago. Check the year")
    return born


class ReferralForm(forms.Form):
    """One page; what it gives is ``details``."""

    nhs_number = Line(
        label="NHS number (if known)",
        help_text="10 digits, as in 999 123 4567",
        longest=30,
        required="",
    )
    given_name = Line(label="First name", longest=100, required="Enter the patient's first name")
    family_name = Line(label="Last name", longest=100, required="Enter the patient's last name")
    birth_day = Line(label="Day", longest=10, required="")
    birth_month = Line(label="Month", longest=12, required="")
    birth_year = Line(label="Year", longest=10, required="")
    sex = Choice(label="Sex", wrong="Select the patient's sex", choices=wording.SEXES)
    address_line_1 = Line(
        label="Address line 1", longest=100, required="Enter the first line of the address"
    )
    address_line_2 = Line(label="Address line 2 (optional)", longest=100, required="")
    town = Line(label="Town or city", longest=60, required="Enter the town or city")
    postcode = Line(
        label="Postcode",
        help_text="ZZ99 3VZ if they have no fixed address",
        longest=12,
        required="Enter the postcode",
    )
    spoken_to = Choice(
        label="Who have you spoken to?",
        wrong="Select who you have spoken to",
        choices=wording.SPOKEN_TO,
    )
    contact_name = Line(
        label="Their name",
        help_text="Leave this empty if you have spoken to the patient",
        longest=100,
        required="",
    )
    phone = Line(
        label="Phone number",
        help_text="On which the pharmacy can reach them today",
        longest=30,
        required="Enter a phone number",
    )
    consent = Line(
        label="They agree that these details are shared with the pharmacy",
        longest=3,
        required=NO_CONSENT,
    )
    pathway = Choice(
        label="What is it for?", wrong="Select what the referral is for", choices=PATHWAYS
    )
    symptom_group = Choice(
        label="Minor illness", wrong=NO_ILLNESS, choices=SYMPTOM_GROUPS, is_required=False
    )
    complaint = Passage(
        label="What does the patient say?",
        help_text="Symptoms, for how long, and what they have tried",
        longest=LONGEST_COMPLAINT,
        required="Enter what the patient says",
    )
    pharmacy = Line(label="Pharmacy", longest=10, required="Select a pharmacy")

    def __init__(
        self, typed: Mapping[str, Any] | None, *, today: date, begun: Details | None = None
    ) -> None:
        """Take what is to be checked, or what is only begun."""
        super().__init__(typed, initial=asdict(begun) if begun else None)
        self._today = today
        self.chosen_pharmacy: Pharmacy | None = None  # known once it is valid

    @property
    def details(self) -> Details:
        """What was written.

        Raises:
            ValueError: it is not valid.
        """
        if not self.is_valid():
            raise ValueError("This referral is not whole.")
        return Details(**{field.name: self.cleaned_data[field.name] for field in fields(Details)})

    def clean_nhs_number(self) -> str:
        """Return ten digits, or nothing."""
        typed = self.cleaned_data["nhs_number"]
        try:
            return nhs_numbers.clean(typed) if typed else ""
        except nhs_numbers.NotAnNHSNumberError as error:
            raise forms.ValidationError(str(error).rstrip(".")) from error

    def clean_consent(self) -> str:
        """Return "yes": nothing else is consent."""
        if self.cleaned_data["consent"] != "yes":
            raise forms.ValidationError(NO_CONSENT)
        return "yes"

    def clean_phone(self) -> str:
        """Return digits and spaces."""
        return clean_phone(self.cleaned_data["phone"])

    def clean_postcode(self) -> str:
        """Return capitals with the space."""
        return clean_postcode(self.cleaned_data["postcode"])

    def clean_pharmacy(self) -> str:
        """Return the ODS code of a pharmacy that is offered."""
        ods_code: str = self.cleaned_data["pharmacy"]
        self.chosen_pharmacy = pharmacy = Pharmacy.find_offered(ods_code)
        if pharmacy is None:
            raise forms.ValidationError("That pharmacy takes no referrals now. Select another one")
        if pharmacy.is_distance_selling and self.cleaned_data.get("pathway") in IN_PERSON:
            raise forms.ValidationError(
                "An online pharmacy cannot look into an ear. Select another pharmacy"
            )
        return ods_code

    def clean(self) -> dict[str, Any]:
        """Check what several fields say together."""
        cleaned = self.cleaned_data
        if cleaned.get("spoken_to") == Relationship.SELF:
            cleaned["contact_name"] = ""
        elif "spoken_to" in cleaned and cleaned.get("contact_name") == "":
            self.add_error("contact_name", "Enter the name of whom you have spoken to")
        if cleaned.get("pathway") != pathways.MINOR_ILLNESS:
            cleaned["symptom_group"] = ""
        elif cleaned.get("symptom_group") == "":
            self.add_error("symptom_group", NO_ILLNESS)
        born = self._clean_birth_date()
        if born:
            self._check_age(pathways.age_on(self._today, born=born))
        return cleaned

    def _clean_birth_date(self) -> date | None:
        parts = {word: self.cleaned_data.get(name) for name, word in BIRTH.items()}
        if None in parts.values():  # one of them is wrong in itself, and it has been said
            return None
        try:
            born = birth_date(parts, today=self._today)
        except forms.ValidationError as error:
            self.add_error("birth_day", error)
            return None
        numbers = (str(born.day), str(born.month), str(born.year))
        self.cleaned_data |= dict(zip(BIRTH, numbers, strict=True))
        return born

    def _check_age(self, age: int) -> None:
        if age < pathways.YOUNGEST:
            self.add_error("birth_day", TOO_YOUNG)
            return
        code, sex = self.cleaned_data.get("pathway", ""), self.cleaned_data.get("sex")
        if sex and (sentence := pathways.objection(code, age=age, sex=sex)):
            self.add_error("pathway", sentence)


class SendForm(forms.Form):
    """What is said with the button that sends."""

    again = YesOrNothing(required=False, label="Send another referral")


def as_form_data(details: Details) -> dict[str, str]:
    """Return what is written in a referral as if it had just been typed."""
    return asdict(details)
