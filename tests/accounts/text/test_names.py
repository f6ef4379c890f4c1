"""What people and things may be called, for it goes out in e-mails."""

import pytest
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from accounts.text.names import LONGEST, why_no_label, why_no_name

KNOWN = ("female_names", "male_names", "surnames")


@pytest.mark.parametrize(
    "name",
    [
        *(
            "O'Brien-Smith",
            "O’Neill",
            "D‘Arcy",
            "Oʼ Malley",
            "María José",
            "van der Berg",
            "'t Veld",
        ),
        *(
            "Dr Sarah",
            "Dr. Sarah",
            "St. John",
            "J. R. R.",
            "D.J.",
            "Jr.",
            "Prof. Ann",
            "Anne-Marie",
        ),
        *("Mary‑Ann", "Smith - Jones", "Smith (née Jones)", "de la Cruz y Santos", "J", "Ó", "Ng"),
        *("Siân", "Mac Giolla Phádraig", "Łukasz", "Wójcik", "Nguyễn Thị Ánh", "Gal·la", "N'Golo"),
        *("محمد", "王伟", "Владимир", "தமிழ்", "Ngũgĩ wa Thiong'o", "Ünal", "Ørsted", "Henry 8th"),
        *("Click", "Sukarno", "Al-Hassan bin Ali", "Jose\u0301"),
    ],
)
def test_a_name_is_a_name(name: str) -> None:
    assert why_no_name(name) == ""


def test_fifteen_thousand_names_are_names() -> None:
    known = [name for each in KNOWN for name in FREQUENCY_LISTS[each]]
    assert len(known) > 14_000
    assert [name for name in known if why_no_name(name)] == []


@pytest.mark.parametrize("name", ["-", ".", "--", "'", "– –", "()", "1", "?", "💊"])
def test_a_sign_is_no_name_and_who_has_one_name_only_learns_what_to_do(name: str) -> None:
    assert "If they have only one name, enter it in both boxes" in why_no_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "URGENT log in at https://phish.example",
        "URGENT",
        "phish.example",
        "phish。example",
        "phish．example",
        "St.John",
        "see www.phish.example now",
        "security@phish.example",
        "Call 07700 900982",
        "Call 0 7 7 0 0",
        "Sarah! Your account is locked",
        "Sarah: read this",
        "Hello. Your account is locked",
        "Please log in again",
        "Sign-in help",
        "Your password has ended",
        "PharmRefer Security",
        "Sarah, the manager",
        "Sarah;",
        "N/A",
        "<b>Sarah</b>",
        "one two three four five six seven eight",
    ],
)
def test_a_message_is_no_name(name: str) -> None:
    assert why_no_name(name)


@pytest.mark.parametrize(
    "label",
    [
        *("Receptionist", "GP ST3", "Nurse/HCA", "Admin/Reception/Scribe", "Admin & reception"),
        *("Care coordinator (PCN)", "Band 5 nurse", "Pharmacy technician – level 3", "Médecin"),
        *("1st contact physio", "Dr. Smith's secretary", "Asst. practitioner", "NHS 111 lead"),
        *("iPhone 15 Pro", "YubiKey 5C NFC", "DESKTOP-4F7K2Q1", "Laptop 00231456", "NHS laptop"),
        *("Windows sign-in", "Tom's phone, blue", "Blue <key>", "v1.2"),
    ],
)
def test_a_job_and_a_device_have_names_of_more_kinds(label: str) -> None:
    assert why_no_label(label) == ""


@pytest.mark.parametrize(
    "label",
    [
        *(
            "-",
            ".",
            "see phish.example",
            "phish．example",
            "a@b",
            "https://x",
            "Call 0800 123 4567",
        ),
        *("Urgent! Act now", "Now: act", "Account locked. Act", "Is it you?"),
        "one two three four five six seven eight nine ten",
    ],
)
def test_but_none_of_them_is_a_message(label: str) -> None:
    assert why_no_label(label)


def test_it_takes_no_time_whatever_is_in_it() -> None:
    for letter in (".", "a.", "-", " ", "a", "0 ", "é"):
        text = (letter * LONGEST)[:LONGEST]
        why_no_name(text), why_no_label(text)
