"""What names a second person fills in what is the patient's, or nothing: never some of each."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referrals import paste
from referrals.banner.patient_name import TWO_NAMES

TODAY = date(2026, 11, 30)
TIM = {"given_name": "Tim", "family_name": "Smith"}
NUMBER = {"nhs_number": "999 000 0018"}
BORN = {"birth_day": "12", "birth_month": "3", "birth_year": "2019"}
MALE = {"sex": "male"}
ADDRESS = {"address_line_1": "8 Tanners Row", "town": "Westmere", "postcode": "TS18 1AB"}
PHONE = {"phone": "01632 960 001"}


def read(text: str) -> paste.Pasted:
    return paste.read(text, today=TODAY)


SAMPLES = {
    "a mother with a date of birth": (
        "Tim SMITH  NHS No. 999 000 0018\nMother: Jane SMITH DOB 01/02/1980",
        TIM | NUMBER,
    ),
    "a mother's date of birth": (
        "Name: SMITH, Tim\tNHS No: 999 000 0018\nMother's DOB: 01/02/1980",
        TIM | NUMBER,
    ),
    "the same with the other apostrophe, on one line": (
        "Name: SMITH, Tim | NHS No: 999 000 0018 | Mother\u2019s date of birth: 01/02/1980",
        TIM | NUMBER,
    ),
    "parents' dates": (
        "Name: SMITH, Tim\nDOB: 12/03/2019\nParents' DOB: 01/02/1980",
        TIM | BORN,
    ),
    "somebody's by name": (
        "Name: SMITH, Tim\nNHS No: 999 000 0018\nJane's DOB: 01/02/1980",
        TIM | NUMBER,
    ),
    "both dates of birth, and told apart": (
        "SMITH, Tim (Master) Born 12-Mar-2019 NHS No. 999 000 0018\nMother: Jane DOB: 01/02/1980",
        TIM | NUMBER | BORN,
    ),
    "a mother with a number": (
        "SMITH, Tim (Master)\nBorn 12-Mar-2019\nMother: SMITH, Jane NHS No. 999 000 0018",
        TIM | BORN,
    ),
    "a mother with a number below her name": (
        "SMITH, Tim (Master)\nBorn 12-Mar-2019\nMother: SMITH, Jane\nNHS No. 999 000 0018",
        TIM | BORN,
    ),
    "the same below an empty line": (
        "SMITH, Tim (Master)\nBorn 12-Mar-2019\n\nMother\nSMITH, Jane\n\nNHS No. 999 000 0018",
        TIM | BORN,
    ),
    "a number without a label beside a mother": (
        "SMITH, Tim (Master)\nBorn 12-Mar-2019\nMother: SMITH, Jane 999 000 0018",
        TIM | BORN,
    ),
    "a guardian's number without a colon": (
        "SMITH, Tim (Master)\nBorn 12-Mar-2019\nGuardian NHS number 999 000 0018",
        TIM | BORN,
    ),
    "a mother's number without a colon": (
        "SMITH, Tim (Master)\nBorn 12-Mar-2019\nMother's NHS No. 999 000 0018",
        TIM | BORN,
    ),
    "a next of kin with everything": (
        (
            "NHS No: 999 000 0018\nName: SMITH, Tim\nNext of kin: Jane Smith  "
            "Date of birth: 01/02/1980  Tel 07700 900982"
        ),
        TIM | NUMBER,
    ),
    "a next of kin whose phone is in the next line": (
        "NHS No: 999 000 0018\nName: SMITH, Tim\nNext of kin: Jane Smith\nTel 07700 900982",
        TIM | NUMBER,
    ),
    "a next of kin whose address and phone are in the next lines": (
        (
            "Name: SMITH, Tim\nNext of kin: Jane Smith\nAddress: 1 Mill Lane, Saltby, TS18 2AA\n"
            "Mobile: 07700 900982\nHome: 01632 960001"
        ),
        TIM | PHONE,
    ),
    "a next of kin in the last line, with everything else before": (
        (
            "SMITH, Tim (Master)  Born 12-Mar-2019 (7y)  Gender Male  NHS No. 999 000 0018\n"
            "8 Tanners Row, Westmere, TS18 1AB\nHome: 01632 960001\n"
            "Next of kin: SMITH, Jane (Mrs) 1 Mill Lane, Saltby, TS18 2AA Mobile: 07700 900111"
        ),
        TIM | BORN | MALE | NUMBER | ADDRESS | PHONE,
    ),
    "an emergency contact": (
        (
            "SMITH, Tim (Master) | Born: 12-Mar-2019 | Emergency contact: JONES, Ann (Mrs) | "
            "Mobile: 07700 900982 | Gender: Female"
        ),
        TIM | BORN,
    ),
    "a carer's sex": (
        "SMITH, Tim (Master) Born 12-Mar-2019\nCarer: Jones, Ann  Gender: Female",
        TIM | BORN,
    ),
    "a relation in brackets": (
        "SMITH, Tim (Master) Born 12-Mar-2019\nSMITH, Jane (mother) NHS No. 999 000 0018",
        TIM | BORN,
    ),
    "a relation in a column": (
        "SMITH, Tim (Master) Born 12-Mar-2019\nJane Smith\tMother\t01/02/1980\t999 000 0018",
        TIM | BORN,
    ),
    "a table of relations": (
        (
            "SMITH, Tim (Master) Born 12-Mar-2019\n\nRelationship\tName\tNHS No\n"
            "Mother\tJane Smith\t999 000 0018"
        ),
        TIM | BORN,
    ),
    "a table with a column for a relative": (
        "Name\tDOB\tNext of kin\tNHS No\nTim Smith\t12/03/2019\tJane Smith\t999 000 0018",
        TIM | BORN,  # whose the number is, nobody knows
    ),
    "a mother's name among the labels": (
        "Surname: Smith\nForename: Tim\nMother's name: Jane Jones",
        TIM,
    ),
    "c/o in an address": (
        (
            "SMITH, Tim (Master) Born 12-Mar-2019\nc/o Mrs Jane Jones\n8 Tanners Row\n"
            "Westmere TS18 1AB"
        ),
        TIM | BORN | ADDRESS,
    ),
    "a mother before the patient": (
        "Mother: Jane SMITH DOB 01/02/1980\nTim SMITH NHS No. 999 000 0018",
        {},
    ),
    "a mother before the patient, who is named as such": (
        "Mother: Jane SMITH DOB 01/02/1980\nPatient: Tim SMITH NHS No. 999 000 0018",
        TIM | NUMBER,
    ),
    "only a mother": ("SMITH, Jane (mother) DOB 01/02/1980 NHS No. 999 000 0018", {}),
    "a mother in a letter": (
        "Re: Tim SMITH, DOB 12/03/2019\n\nI saw his mother (NHS 999 000 0018).",
        TIM | BORN,
    ),
    "another person in a letter, whom no word of relation names": (
        "Re: Tim SMITH, DOB 12/03/2019\n\nI saw Mrs Jones, NHS 999 000 0018.",
        TIM | BORN,
    ),
    "a doctor between the patient's": (
        "SMITH, Tim (Master)\tBorn 12-Mar-2019\tUsual GP: Dr Amir Khan\tNHS No. 999 000 0018",
        TIM | BORN | NUMBER,
    ),
    "a registered doctor in lines": (
        "SMITH, Tim (Master)\nRegistered GP: Dr Amir Khan\nBorn: 12-Mar-2019\nSex: M",
        TIM | BORN | MALE,
    ),
    "a name twice, once with a middle name": (
        "SMITH, Tim (Master) Born 12-Mar-2019\nName: Tim SMITH\nTim James SMITH NHS 999 000 0018",
        TIM | BORN | NUMBER,
    ),
    "an address in capitals is no second name": (
        "SMITH, Tim (Master) Born 12-Mar-2019\n8 Tanners Row\nWESTMERE, Cleveland\nTS18 1AB",
        TIM | BORN | ADDRESS | {"town": "Westmere"},
    ),
    "a house in capitals is no second name": (
        "SMITH, Tim (Master) Born 12-Mar-2019\nTHE OLD RECTORY, Saltby, TS18 1AB",
        TIM | BORN | {"postcode": "TS18 1AB"},
    ),
}


@pytest.mark.parametrize("what", SAMPLES)
def test_what_may_be_another_person_s_is_not_filled_in(what: str) -> None:
    text, expected = SAMPLES[what]
    assert read(text).fields == expected


@pytest.mark.parametrize(
    "text",
    [
        "SMITH, Tim (Master) Born 12-Mar-2019\nJONES, Ann (Mrs) NHS No. 999 000 0018",
        "SMITH, Tim (Master) Born 12-Mar-2019 JONES, Ann (Mrs) NHS No. 999 000 0018",
        "SMITH, Tim Born 12-Mar-2019\nJONES, Ann NHS No. 999 000 0018",
        "Tim SMITH\nBorn 12-Mar-2019\nAnn JONES\nNHS No. 999 000 0018",
        "Tim Smith Born 12-Mar-2019\nAnn Jones NHS No. 999 000 0018",
        "Tim Smith\nBorn 12-Mar-2019\nAnn Jones\nGender Female",
        "Name: SMITH, Tim\nDOB: 12/03/2019\nJONES, Ann (Mrs) NHS No. 999 000 0018",
        "Surname: Smith\nForename: Tim\nDOB: 12/03/2019\nJONES, Ann (Mrs) NHS No. 999 000 0018",
        "Surname: Smith\nForename: Tim\nDOB: 12/03/2019\nForename: Ann\nNHS No. 999 000 0018",
        "SMITH\tTim\tMaster\t12/03/2019\nJONES\tAnn\tMrs\t9990000018",
        "Name\tDOB\tNHS No\nTim Smith\t999 000 0018\nAnn Jones\t01/02/1980",
        "SMITH, Tim (Master) Born 12-Mar-2019\nMrs A Jones NHS No. 999 000 0018",
        "SMITH, Tim (Master) Born 12-Mar-2019\nMrs Smith NHS No. 999 000 0018",
        "Name: Winifred Ashworth\nName: Wilfred Umber\nMobile: 07700 900982",
    ],
)
def test_two_names_fill_in_nothing(text: str) -> None:
    pasted = read(text)
    assert (pasted.fields, pasted.refused) == ({}, TWO_NAMES)


def test_it_says_that_it_may_be_another_person_s() -> None:
    text = "Name: SMITH, Tim\nMother: Jane SMITH DOB 01/02/1980 Sex F NHS 999 000 0018"
    assert paste.filled({"banner": text}, today=TODAY).said == (
        "We filled in 1 answer: name. Check it against your clinical system. Not filled in: NHS "
        "number, as it may be another person's; date of birth, as it may be another person's; sex, "
        "as it may be another person's. Not found: address and phone number."
    )


UNHURRIED = settings(deadline=None, database=None)  # other tests run beside it
BETWEEN = st.sampled_from(["\n", "\t", "  ", " | ", " ", "\n\n", "\r\n", ", "])
APART = st.sampled_from(["\n", "\t", " | ", "\n\n"])
RELATIONS = st.sampled_from(
    [
        *("Mother:", "MOTHER:", "Mother", "Mother's", "Mother\u2019s details:", "mother -", "Mum:"),
        *(
            "Next of kin:",
            "Next of kin",
            "NOK:",
            "Emergency contact:",
            "Contact:",
            "c/o",
            "Guardian",
        ),
        *("Carer:", "(carer)", "(mother)", "Relationship: mother", "Parent/guardian:", "Wife -"),
        *("Mother\n", "Next of kin\n", "Next of kin details\n", "Relationship\tName\nMother\t"),
    ]
)
NAMES = ["{family}, {given} ({title})", "{title} {given} {FAMILY}", "Name: {given} {FAMILY}"]
NAMES += ["{FAMILY}, {given}", "{given} {FAMILY}", "{given} {family}", "{FAMILY}\t{given}\t{title}"]
NAMES += [
    "Surname: {family}\nForename: {given}",
    "Name: {title} {given} {family}",
    "{title} {family}",
]
FACTS = {
    "number": ["NHS No. {number}", "NHS Number: {number}", "{number}", "NHS {number}"],
    "born": [
        "Born {born}",
        "DOB: {born}",
        "Date of birth\n{born}",
        "{born} (aged {age})",
        "{born}",
    ],
    "sex": ["Sex: {sex}", "Gender {sex}", "Gender\t{sex}"],
}
CHILD = {
    "title": "Master",
    "given": "Tim",
    "family": "Smith",
    "FAMILY": "SMITH",
    "sex": "Male",
    "number": "999 000 0018",
    "born": "12/03/2019",
    "age": "7",
}
PARENT = {
    "title": "Mrs",
    "given": "Jane",
    "family": "Jones",
    "FAMILY": "JONES",
    "sex": "Female",
    "number": "999 000 0026",
    "born": "01/02/1980",
    "age": "46",
}
CHILD_S = TIM | NUMBER | BORN | MALE
PARENT_S = {
    "given_name": "Jane",
    "family_name": "Jones",
    "nhs_number": "999 000 0026",
    "birth_day": "1",
    "birth_month": "2",
    "birth_year": "1980",
    "sex": "female",
}


@st.composite
def details(
    draw: st.DrawFn, person: dict[str, str], relation: str = "", *, is_name_first: bool = True
) -> str:
    """Draw a person's part of a banner: a name, and some of the facts in any order."""
    kinds = draw(st.lists(st.sampled_from(sorted(FACTS)), unique=True))
    name, *facts = [
        draw(st.sampled_from(each)) for each in (NAMES, *(FACTS[kind] for kind in kinds))
    ]
    if relation.startswith("("):
        parts = [f"{name} {relation}", *facts]
    elif relation:
        parts = [f"{relation} {draw(st.sampled_from([name, *facts]))}", name, *facts]
    else:
        parts = [name, *facts] if is_name_first else draw(st.permutations([name, *facts]))
    made = [text for part in parts for text in (draw(BETWEEN), part)]
    return "".join(made[1:]).format(**person)


@UNHURRIED
@given(st.data())
def test_what_is_filled_in_is_the_patient_s_whatever_is_said_of_a_relative(
    data: st.DataObject,
) -> None:
    relation = data.draw(RELATIONS)
    one = data.draw(details(CHILD, is_name_first=False))
    other = data.draw(details(PARENT, relation))
    text = data.draw(BETWEEN).join(data.draw(st.permutations([one, other])))
    assert read(text).fields.items() <= CHILD_S.items()


@UNHURRIED
@given(st.data())
def test_what_is_filled_in_of_two_people_is_one_s(data: st.DataObject) -> None:
    one, other = data.draw(details(CHILD)), data.draw(details(PARENT))
    text = data.draw(APART).join(data.draw(st.permutations([one, other])))
    fields = read(text).fields.items()
    assert fields <= CHILD_S.items() or fields <= PARENT_S.items()
