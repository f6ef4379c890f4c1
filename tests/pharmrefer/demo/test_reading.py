"""What a pharmacist sees of a message, whatever stands in it."""

from typing import Any

import pytest

from pharmrefer.demo.reading import read_referral
from tests.pharmrefer.demo.message import (
    HL7,
    NHS,
    PATIENT,
    PRACTICE,
    SNOMED,
    coded,
    contact,
    entry,
    good_message,
    to,
)

POOR: tuple[Any, ...] = (None, 0, True, "", "x", [], {}, [[]], [None], {"coding": "x"}, [{"x": 1}])


def further() -> dict[str, Any]:
    """A message with all that may be in one."""
    message = good_message()
    address = "urn:uuid:{}0000000-0000-4000-a000-000000000000".format
    needed = coded(f"{NHS}/CodeSystem/flag-categories-bars", "RA", "Reasonable Adjustment")
    ramp = coded(f"{NHS}/CodeSystem/reasonable-adjustment-codes-bars", "x", "Wheelchair access")
    hearing = ramp | {"text": "Hard of hearing"}
    code = coded(SNOMED, "372687004", "Amoxicillin")
    message["entry"] += [
        entry(address(1), "Flag", "", category=[needed], code=ramp, subject=to(PATIENT)),
        entry(address(2), "Flag", "", category=[needed], code=hearing, subject=to(PATIENT)),
        entry(address(3), "AllergyIntolerance", "", code=code, patient=to(PATIENT)),
        entry(
            address(4), "MedicationStatement", "", medicationCodeableConcept={"text": "Ibuprofen"}
        ),
    ]
    return message


def in_patient(message: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(
        each["resource"] for each in message["entry"] if each["fullUrl"] == PATIENT
    )
    return found


def test_all_of_a_referral_is_read() -> None:
    message = further()
    in_patient(message).update(
        extension=[
            {
                "url": "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired",
                "valueBoolean": True,
            }
        ],
        communication=[{"language": {"text": "Polish"}}],
        address=[{"line": ["1 Ink Lane"], "city": "Inkwell", "postalCode": "ZZ99 3VZ"}],
    )
    read = read_referral(message)
    assert read.due_by
    assert read.due_by.isoformat() == "2026-11-24T14:05:09+00:00"
    assert read.requirements == ("Wheelchair access", "Hard of hearing")
    assert (read.allergies, read.medicines) == (("Amoxicillin",), ("Ibuprofen",))
    assert read.interpreter == "Needed: Polish"
    assert read.practice == read.registered_at == "Inkwell Surgery, Z99998"
    assert read.address == "1 Ink Lane, Inkwell, ZZ99 3VZ"
    assert read.contacts == ("ada@example.org, 01632 960999 (self)",)


def test_what_is_not_there_is_not_made_up() -> None:
    read = read_referral(good_message())
    assert (read.allergies, read.medicines, read.requirements) == ((), (), ())
    assert (read.interpreter, read.decided_with, read.address) == ("", "", "")
    assert read_referral(None).patient == ""


def test_a_language_alone_asks_for_no_interpreter() -> None:
    message = good_message()
    in_patient(message)["communication"] = [{"language": {"text": "Polish"}}]
    assert read_referral(message).interpreter == "Speaks Polish"


def test_the_first_to_be_called_stands_on_top() -> None:
    message = good_message()
    mother = contact(
        1, relationship=[coded(f"{HL7}/v3-RoleCode", "PRN", "parent")], name={"text": "Ida Inventa"}
    )
    without_rank = contact(3) | {"extension": []}
    in_patient(message)["contact"] = [without_rank, contact(2), mother]
    assert read_referral(message).contacts == (
        "ada@example.org, 01632 960999 (parent, Ida Inventa)",
        "ada@example.org, 01632 960999 (self)",
        "ada@example.org, 01632 960999 (self)",
    )


@pytest.mark.parametrize("end", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "x", ""])
def test_no_time_is_too_odd(end: str) -> None:
    message = good_message()
    for each in message["entry"]:
        if "occurrencePeriod" in each["resource"]:
            each["resource"]["occurrencePeriod"]["end"] = end
    assert bool(read_referral(message).due_by) is end.startswith("9999")


def test_no_value_of_any_kind_breaks_it() -> None:
    message = further()
    assert in_patient(message)["generalPractitioner"] == [to(PRACTICE)]
    for each in message["entry"]:
        for name, right in each["resource"].items():
            for poor in POOR:
                each["resource"][name] = poor
                read_referral(message)
            each["resource"][name] = right
