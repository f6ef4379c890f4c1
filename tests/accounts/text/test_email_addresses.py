"""Addresses of one person and of several."""

import pytest
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from accounts.text.email_addresses import is_personal, mailbox, why_shared

JANE = ("Jane", "Doe")


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        ("Jane.Doe@NHS.net ", "jane.doe@nhs.net"),
        ("jane+pharmacy@nhs.net", "jane@nhs.net"),
        ("jane+a+b@nhs.net", "jane@nhs.net"),
        ("o'neil@nhs.net", "o'neil@nhs.net"),
    ],
)
def test_a_mailbox_has_neither_capitals_nor_a_tag(email: str, expected: str) -> None:
    assert mailbox(email) == expected


@pytest.mark.parametrize(
    "email",
    [
        "reception@larkfield.example",
        "Reception2@larkfield.example",
        "frontdesk@larkfield.example",
        "front-desk@larkfield.example",
        "larkfield.reception@nhs.net",
        "surgery.c82001@nhs.net",
        "c82001@nhs.net",
        "z12345.mail@nhs.net",
        "larkfield@nhs.net",
        "larkfieldsurgery@nhs.net",
        "the.larkfield@nhs.net",
        "admin+jane@nhs.net",  # the tag is no part of the mailbox
        "gp@nhs.net",
        "practicemanager@nhs.net",
        "dutydoctor@nhs.net",
        "team.1@nhs.net",
        "r3ception@larkfield.example",
        "rec3pti0n@larkfield.example",
        "adm1n.2@larkfield.example",
        "surg3ry1@larkfield.example",
        "0ffice@larkfield.example",
        "fr0nt-d3sk@larkfield.example",
        "t3am@larkfield.example",
        "booking5@larkfield.example",
        "r.e.c.e.p.t.i.o.n@larkfield.example",
    ],
)
def test_an_address_that_several_share_is_told(email: str) -> None:
    assert why_shared(email, names=JANE, practice_name="Larkfield Surgery", ods_code="Z12345")


@pytest.mark.parametrize(
    ("email", "names"),
    [
        ("jane.doe@nhs.net", JANE),
        ("j.doe4@nhs.net", JANE),
        ("jd1987@nhs.net", JANE),
        ("reception.jane@nhs.net", JANE),
        ("ann.larkfield@nhs.net", ("Ann", "Larkfield")),
        ("larkfield@nhs.net", ("Ann", "Larkfield")),
        ("p.nurse@nhs.net", ("Priya", "Nurse")),
        ("nursep2@nhs.net", ("Priya", "Nurse")),
        ("priya.nurse@nhs.net", ("Priya", "Nurse")),
        ("rosa.care@nhs.net", ("Rosa", "Care")),
        ("rcare@nhs.net", ("Rosa", "Care")),
        ("al1@nhs.net", ("Ali", "Khan")),
        ("oneil.surgery@nhs.net", ("Sean", "O'Neil")),
        ("oneil.surgery@nhs.net", ("Sean", "O\u2019Neil")),
        ("zoe.admin@nhs.net", ("Zoë", "Brown")),
        ("practice.li@nhs.net", ("Wei", "Li")),
        ("maryannedesk@nhs.net", ("Mary-Anne", "Hill")),
        ("care.smithjones@nhs.net", ("Ida", "Smith-Jones")),
    ],
)
def test_one_that_holds_the_person_s_name_is_theirs(email: str, names: tuple[str, str]) -> None:
    assert not why_shared(email, names=names, practice_name="Larkfield Surgery", ods_code="Z12345")


def test_a_short_name_within_a_word_proves_nothing() -> None:
    assert why_shared("clinic@nhs.net", names=("Wei", "Li"))
    assert why_shared("reception@nhs.net", names=("Jo", "On"))


def test_it_says_why() -> None:
    assert why_shared("reception@nhs.net", names=JANE) == "“reception” suggests a shared mailbox"
    why = why_shared("ash@nhs.net", names=JANE, practice_name="The Ash Tree Practice")
    assert why == ""  # three letters are too common to refuse
    why = why_shared("a.larkfield@nhs.net", names=JANE, practice_name="Larkfield Surgery")
    assert why == "“larkfield” is the name of the practice"


@pytest.mark.parametrize(
    ("email", "names"),
    [
        ("reception@nhs.net", ("Reception", "Okafor")),
        ("reception@nhs.net", ("Reception Jane", "Okafor")),
        ("reception@nhs.net", ("Jane", "Reception")),
        ("nurse@nhs.net", ("Priya", "Nurse")),
        ("doctor@nhs.net", ("Cyrus", "Doctor")),
    ],
)
def test_what_a_desk_is_called_proves_nothing_where_a_person_says_to_be_called_so(
    email: str, names: tuple[str, str]
) -> None:
    assert why_shared(email, names=names)


@pytest.mark.parametrize(
    "names",
    [
        *(("Reception", "Team"), ("The", "Surgery"), ("Front Desk", "GP"), ("Team", "O'Neil")),
        *(("Reception", "Okafor"), ("Okafor", "Reception"), ("Practice", "Manager")),
    ],
)
def test_what_a_desk_is_called_is_no_person(names: tuple[str, str]) -> None:
    assert not is_personal(names)


@pytest.mark.parametrize(
    "names", [JANE, ("Priya", "Nurse"), ("Rosa", "Care"), ("王", "伟"), ("Dr", "Okafor")]
)
def test_one_name_is_enough_to_be_a_person(names: tuple[str, str]) -> None:
    assert is_personal(names)


def test_fifteen_thousand_people_keep_the_addresses_that_they_have() -> None:
    given = [*FREQUENCY_LISTS["female_names"], *FREQUENCY_LISTS["male_names"]]
    families = FREQUENCY_LISTS["surnames"]
    people = [(name, "okafor") for name in given] + [("zoe", name) for name in families]
    assert [names for names in people if not is_personal(names)] == []
    refused = [
        local
        for first, last in people
        for local in (
            f"{first}.{last}",
            f"{first[0]}.{last}",
            f"{first[0]}{last}2",
            f"{last}.{first}",
        )
        if why_shared(f"{local}@nhs.net", names=(first, last), practice_name="Mill Lane Surgery")
    ]
    assert refused == []
