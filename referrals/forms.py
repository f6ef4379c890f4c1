"""The referral form: what may be written in each field, in plain English."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from datetime import date
from typing import Any

from django import forms

from accounts.text import dates, phones
from accounts.web.fields import DateBoxes, Text, Unchanging
from referrals import nhs_numbers, pathways, postcodes, wording
from referrals.clean_text import has_letters, one_line, passage, person_name
from referrals.details import Details
from referrals.fhir.content import Relationship
from referrals.models.pharmacies import Pharmacy

OLDEST = 130  # years
LONGEST_COMPLAINT = 1000  # characters
IN_PERSON = {"otitis_media"}  # needs an otoscope
BIRTH = {"day": "birth_day", "month": "birth_month", "year": "birth_year"}
ONE_NAME = "If they have only one name, enter it in both boxes"
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


class Name(Line):
    """A person's name; ``no_name`` is said of what has no letters."""

    def __init__(self, *, no_name: str, **options: Any) -> None:
        """Take the message too."""
        super().__init__(**options)
        self.no_name = no_name

    def to_python(self, value: Any) -> str | None:
        """Return the name with plain hyphens."""
        return super().to_python(person_name(value) if value else value)

    def validate(self, value: Any) -> None:
        """Take no hyphen or dot for a name."""
        super().validate(value)
        if value and not has_letters(value):
            raise forms.ValidationError(self.no_name)


def cleaned(typed: str, clean: Callable[[str], str]) -> str:
    """Return what a rule makes of what was typed.

    Raises:
        django.core.exceptions.ValidationError: the rule refuses it.
    """
    try:
        return clean(typed)
    except ValueError as error:
        raise forms.ValidationError(str(error).rstrip(".")) from error


def _birth(today: date) -> dates.Asked:
    return dates.Asked(
        "Date of birth",
        {part: f"{part.capitalize()} of birth" for part in dates.PARTS},
        "15 3 1984",
        range(today.year - OLDEST, today.year + 1),
    )


class ReferralForm(DateBoxes):
    """One page; what it gives is ``details``."""

    nhs_number = Line(
        label="NHS number (if known)",
        help_text="10 digits, as in 999 123 4567",
        longest=40,
        required="",
    )
    given_name = Name(
        label="First name",
        longest=100,
        required=f"Enter the patient's first name. {ONE_NAME}",
        no_name=f"First name must have letters in it. {ONE_NAME}",
    )
    family_name = Name(
        label="Last name",
        longest=100,
        required=f"Enter the patient's last name. {ONE_NAME}",
        no_name=f"Last name must have letters in it. {ONE_NAME}",
    )
    birth_day = Line(label="Day", longest=dates.LONGEST, required="")
    birth_month = Line(label="Month", longest=dates.LONGEST, required="")
    birth_year = Line(label="Year", longest=dates.LONGEST, required="")
    sex = Choice(label="Sex", wrong="Select the patient's sex", choices=wording.SEXES)
    address_line_1 = Line(
        label="Address line 1", longest=100, required="Enter the first line of the address"
    )
    address_line_2 = Line(label="Address line 2 (optional)", longest=100, required="")
    town = Line(label="Town or city", longest=60, required="Enter the town or city")
    postcode = Line(
        label="Postcode",
        help_text="ZZ99 3VZ if they have no fixed address",
        longest=40,
        required="Enter the postcode",
    )
    spoken_to = Choice(
        label="Who have you spoken to?",
        wrong="Select who you have spoken to",
        choices=wording.SPOKEN_TO,
    )
    contact_name = Name(
        label="Their name",
        help_text="Leave this empty if you have spoken to the patient",
        longest=100,
        required="",
        no_name="Their name must have letters in it",
    )
    phone = Line(
        label="Phone number",
        help_text="On which the pharmacy can reach them today",
        longest=phones.LONGEST,
        required="Enter a phone number",
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
    consent = Line(
        label="They agree that these details are shared with the pharmacy",
        longest=3,
        required=NO_CONSENT,
    )

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
        return cleaned(typed, nhs_numbers.clean) if typed else ""

    def clean_consent(self) -> str:
        """Return "yes": nothing else is consent."""
        if self.cleaned_data["consent"] != "yes":
            raise forms.ValidationError(NO_CONSENT)
        return "yes"

    def clean_phone(self) -> str:
        """Return it as it is dialled."""
        return cleaned(self.cleaned_data["phone"], phones.clean)

    def clean_postcode(self) -> str:
        """Return capitals with the space."""
        return cleaned(self.cleaned_data["postcode"], postcodes.clean)

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
        given = self.cleaned_data
        if given.get("spoken_to") == Relationship.SELF:
            given["contact_name"] = ""
        elif "spoken_to" in given and given.get("contact_name") == "":
            self.add_error("contact_name", "Enter the name of whom you have spoken to")
        if given.get("pathway") != pathways.MINOR_ILLNESS:
            given["symptom_group"] = ""
        elif given.get("symptom_group") == "":
            self.add_error("symptom_group", NO_ILLNESS)
        born = self._clean_birth_date()
        if born:
            self._check_age(pathways.age_on(self._today, born=born))
        return given

    def _clean_birth_date(self) -> date | None:
        born = self.take_date(
            BIRTH, _birth(self._today), nothing="Enter the patient's date of birth"
        )
        if born is None:
            return None
        if born > self._today:
            self.refuse_date(BIRTH, "Date of birth must be in the past")
            return None
        if self._today.year - born.year > OLDEST:
            self.refuse_date(BIRTH, "Date of birth is too long ago. Check the year", "year")
            return None
        numbers = (str(born.day), str(born.month), str(born.year))
        self.cleaned_data |= dict(zip(BIRTH.values(), numbers, strict=True))
        return born

    def _check_age(self, age: int) -> None:
        if age < pathways.YOUNGEST:
            self.refuse_date(BIRTH, TOO_YOUNG)
            return
        code, sex = self.cleaned_data.get("pathway", ""), self.cleaned_data.get("sex")
        if sex and (sentence := pathways.objection(code, age=age, sex=sex)):
            self.add_error("pathway", sentence)


class SendForm(forms.Form):
    """What is said with the button that sends."""

    again = YesOrNothing(required=False, label="Send another referral")


def as_form_data(details: Details) -> dict[str, str]:
    """Return what is written in a referral as if it had just been typed."""
    return {**asdict(details), "phone": phones.shown(details.phone)}
