"""What is taken of what people paste: only what is certain, and of one patient."""

import time
from dataclasses import asdict
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referrals import nhs_numbers, paste
from referrals.details import Details

TODAY = date(2026, 11, 30)
NUMBER = {"nhs_number": "999 000 0018"}
NAME = {"given_name": "Winifred", "family_name": "Ashworth"}
BORN = {"birth_day": "15", "birth_month": "3", "birth_year": "1984"}
FEMALE = {"sex": "female"}
CODE = {"postcode": "TS18 1AB"}
ADDRESS = {"address_line_1": "8 Tanners Row", "town": "Westmere"} | CODE
MOBILE, HOME = {"phone": "07700 900 982"}, {"phone": "01632 960 001"}
WHO = NUMBER | NAME | BORN
FIELDS = frozenset(asdict(Details()))


def read(text: str) -> dict[str, str]:
    return paste.read(text, today=TODAY).fields


SAMPLES = {
    "NHS CUI banner": (
        "ASHWORTH, Winifred (Mrs)  Born 15-Mar-1984 (42y)  Gender Female  NHS No. 999 000 0018",
        WHO | FEMALE,
    ),
    "the same with single spaces, address and phones behind it": (
        (
            "ASHWORTH, Winifred (Mrs) Born 15-Mar-1984 (42y) Gender Female NHS No. 999 000 0018 "
            "8 Tanners Row, Westmere, TS18 1AB Home: 01632 960001 Mobile: 07700 900982"
        ),
        WHO | FEMALE | ADDRESS | MOBILE,
    ),
    "the same in lines, as Windows ends them": (
        (
            "ASHWORTH, Winifred (Mrs)\r\nBorn 15-Mar-1984 (42y)\r\nGender Female\r\n"
            "NHS No. 999 000 0018\r\n"
        ),
        WHO | FEMALE,
    ),
    "a banner with bars": (
        "Patient: O'BRIEN, Sean (Mr) | Born: 03-Jan-1951 (75y) | Sex: M | NHS: 999 000 0026",
        {
            "given_name": "Sean",
            "family_name": "O'Brien",
            "nhs_number": "999 000 0026",
            "birth_day": "3",
            "birth_month": "1",
            "birth_year": "1951",
            "sex": "male",
        },
    ),
    "columns with tabs": (
        "ASHWORTH\tWinifred\tMrs\t15/03/1984\t9990000018\tFemale",
        WHO,  # no label says that Female is the sex
    ),
    "columns with the title first": ("Mrs\tWinifred\tAshworth\t15 Mar 1984\t999-000-0018", WHO),
    "a table with headings": (
        "NHS No\tSurname\tForename\tDOB\tSex\n9990000018\tAshworth\tWinifred\t15/03/1984\tF",
        WHO | FEMALE,
    ),
    "labels in lines": (
        (
            "Surname: ASHWORTH\nForename(s): Winifred Jane\nTitle: Mrs\nDate of Birth: 15/03/1984\n"
            "NHS Number: 999 000 0018\nPost Code: TS18 1AB\nHome Tel No: 01632 960001\n"
            "Work Tel: 01632 960002"
        ),
        WHO | {"given_name": "Winifred Jane"} | CODE | HOME,
    ),
    "labels with what they are of in the next line": (
        (
            "Name\nMrs Winifred Ashworth\nDate of birth\n15 March 1984\nNHS number\n999 000 0018\n"
            "Address\n8 Tanners Row\nWestmere\nTS18 1AB\nMobile\n07700 900982"
        ),
        WHO | ADDRESS | MOBILE,
    ),
    "labels in columns": (
        "Name\tWinifred Ashworth\tDOB\t15/03/1984\tNHS No\t9990000018\tGender\tFemale",
        WHO | FEMALE,
    ),
    "no label at all": (
        (
            "Mrs Winifred Ashworth\n15 Mar 1984 (42 y)\n999 000 0018\n8 Tanners Row, Westmere, "
            "TS18 1AB\n07700 900982"
        ),
        WHO | ADDRESS | MOBILE,
    ),
    "a doctor and surgery of theirs": (
        (
            "ASHWORTH, Winifred (Mrs)\nDOB: 15/03/1984\nNHS: 9990000018\n8 Tanners Row, Westmere, "
            "TS18 1AB\nUsual GP: Dr Khan, Larkfield Surgery, 1 Mill Lane, TS18 2AA, 01632 960101"
        ),
        WHO | ADDRESS,
    ),
    "an address in lines, with a flat and a county": (
        (
            "Patient: Mrs Winifred Ashworth\nDOB: 15/03/1984\nAddress:\nFlat 2\n8 Tanners Row\n"
            "STOCKTON-ON-TEES\nCLEVELAND\nTS18 1AB\nTelephone: 01632 960001"
        ),
        NAME
        | BORN
        | CODE
        | HOME
        | {
            "address_line_1": "Flat 2",
            "address_line_2": "8 Tanners Row",
            "town": "Stockton-on-Tees",
        },
    ),
    "an address in lines without a label": (
        "ASHWORTH, Winifred (Mrs)\n8, Tanners Row\nWestmere TS18 1AB\n07700 900982",
        NAME | ADDRESS | MOBILE,
    ),
    "the postcode with a label of its own": (
        "Name: Winifred Ashworth\nAddress: 8 Tanners Row\nWestmere\nPostcode: ts181ab",
        NAME | ADDRESS,
    ),
    "an address whose lines nobody can tell apart": (
        "Winifred ASHWORTH\nAddress: 8 Tanners Row Westmere TS18 1AB",
        NAME | CODE,
    ),
    "a house with a name, without a label": ("Rose Cottage, Mill Lane, Westmere, TS18 1AB", CODE),
    "a house with a name, with a label": (
        "Address: Rose Cottage, Mill Lane, Westmere, TS18 1AB",
        CODE
        | {"address_line_1": "Rose Cottage", "address_line_2": "Mill Lane", "town": "Westmere"},
    ),
    "no fixed address": (
        "Name: Winifred Ashworth  Postcode: ZZ99 3VZ",
        NAME | {"postcode": "ZZ99 3VZ"},
    ),
    "a letter": (
        (
            "Larkfield Surgery\n1 Mill Lane\nWestmere TS18 2AA\nTel 01632 960101\n\n"
            "30 November 2026\n\nDear colleague\n\nRe: Mrs Winifred ASHWORTH, "
            "DOB 15/03/1984, NHS 999 000 0018, 8 Tanners Row, Westmere, TS18 1AB\n\n"
            "Please see her on 07700 900111.\n\nDr Khan"
        ),
        WHO | ADDRESS,
    ),
    "a letter whose subject has lines": (
        (
            "RE: Mrs Winifred Ashworth\nDOB: 15/03/1984\nNHS number: 999 000 0018\n8 Tanners Row\n"
            "Westmere\nTS18 1AB\nTel: 01632 960001\n\nThank you for seeing her.\nTel: 01632 960101"
        ),
        WHO | ADDRESS | HOME,
    ),
    "a letter about something": ("Re: Sore Throat\nNHS 999 000 0018", NUMBER),
    "a letterhead that goes on below an empty line": (
        (
            "Larkfield Surgery\n\n1 Mill Lane, Westmere, TS18 2AA\nTel: 01632 960101\n\n"
            "Name: Winifred Ashworth\nDOB: 15/03/1984\n8 Tanners Row, Westmere, TS18 1AB"
        ),
        NAME | BORN | ADDRESS,
    ),
    "a letterhead without an empty line": (
        (
            "Westmere Medical Centre\n1 Mill Lane, Westmere, TS18 2AA\nTel: 01632 960101\n"
            "Patient: Mrs Winifred Ashworth\nNHS 999 000 0018"
        ),
        NAME | NUMBER,
    ),
    "a surgery's phone in the patient's line": (
        (
            "ASHWORTH, Winifred (Mrs) Born 15-Mar-1984 (42y) NHS No. 999 000 0018 Larkfield "
            "Surgery 01632 960101"
        ),
        WHO,
    ),
    "only a surgery": ("Larkfield Surgery, 1 Mill Lane, Westmere, TS18 2AA, 01632 960101", {}),
    "a next of kin in the same line": (
        (
            "Name: Winifred Ashworth NHS No: 9990000018\nNext of kin: Martin Ashworth Mobile: "
            "07700 900111\nHome: 01632 960001"
        ),
        NAME | NUMBER | HOME,
    ),
    "a next of kin in lines": (
        (
            "Next of kin\nMr Martin Ashworth\nTel 07700 900111\n1 Mill Lane, Westmere, TS18 2AA\n\n"
            "Patient\nMrs Winifred Ashworth\nDOB 15/03/1984"
        ),
        NAME | BORN,
    ),
    "a daughter's mobile": (
        "Name: Winifred Ashworth\nDaughter mobile: 07700 900111\nMobile: 07700 900112 (daughter)",
        NAME,
    ),
    "a phone that words lead to": ("NHS 9990000018\ncontact Martin on 07700 900111", NUMBER),
    "two mobiles": ("Mobile: 07700 900982\nMobile: 07700 900983\nHome: 01632 960001", {}),
    "two phones of which none is the mobile": ("07700 900982\n01632 960001", {}),
    "a phone from abroad with an extension": (
        "Tel: +44 (0)1632 960001 ext 12",
        {"phone": "01632 960 001 ext. 12"},
    ),
    "a number alone": ("9990000018", NUMBER),
    "a number with other spaces and dashes": ("NHS\u00a0No:\u00a0999\u2011000\u20110018", NUMBER),
    "a number in odd groups behind its label": ("NHS number: 9990 000 018", NUMBER),
    "a number with a date behind it": ("NHS No 999 000 0018 15/03/1984", NUMBER | BORN),
    "no number known": ("Name: Winifred Ashworth  NHS No: not known", NAME),
    "ten equal digits for none": ("Name: Winifred Ashworth NHS No: 000 000 0000", NAME),
    "a number of old": ("Name: Winifred Ashworth NHS No: ABC 123", NAME),
    "a Scottish number": (
        "Name: Winifred Ashworth\nCHI: 150 384 1235\nDOB 15/03/1984",
        NAME | BORN,
    ),
    "an NHS number and a Scottish one": ("NHS 999 000 0018 CHI 150 384 1235", NUMBER),
    "the same number twice": ("NHS No 999 000 0018\nNHS No 9990000018", NUMBER),
    "a hospital's number": ("NHS No 999 000 0018 Hospital No: 4857773456", NUMBER),
    "a hospital's number that might be one": ("Hospital No: 999 000 0018", {}),
    "the emergency number": ("NHS 111 advised. DOB: 15/03/1984", BORN),
    "two dates without a label": ("Winifred ASHWORTH 15/03/1984 16/03/1985", NAME),
    "one date without a label": ("Mrs Winifred Ashworth\n15/03/1984", NAME | BORN),
    "two dates, one with a label": (
        "Registered 01/02/2003\nDOB 15/03/1984\nSeen on 03/11/2026",
        BORN,
    ),
    "two dates, one with an age": ("15 Mar 1984 (42y)\n03 Nov 2020", BORN),
    "an age that was right last year": ("DOB 15/03/1984 aged 41", BORN),
    "an age that does not fit": ("DOB 15/03/1984 (24y)", {}),
    "only the date of a letter": ("Mrs Winifred Ashworth\n3 November 2026", NAME),
    "a date that does not exist": ("DOB: 31/02/1984", {}),
    "a year of two digits": ("DOB: 15/03/84", {}),
    "a date in the future": ("DOB: 15/03/2027", {}),
    "a year that is too long ago": ("DOB: 15/03/1884", {}),
    "a date in words": ("Born on 15th March 1984", BORN),
    "a date as computers write it": ("D.O.B. 1984-03-15", BORN),
    "a date with spaces": ("Date of birth: 15 3 1984", BORN),
    "two sexes": ("Sex: F  Gender: Male", {}),
    "a sex that is none of the two": ("Gender: Unknown", {}),
    "a name that begins with a particle": (
        "VAN DER BERG, Maria (Ms)",
        {"given_name": "Maria", "family_name": "Van Der Berg"},
    ),
    "three names of which nobody knows which is the last": ("Mrs Ana Garcia Lopez", {}),
    "two names in capitals in no known order": ("Name: ASHWORTH WINIFRED", {}),
    "the last name in capitals first": ("Name: ASHWORTH Winifred", NAME),
    "a short last name": ("NG, Mei (Miss)", {"given_name": "Mei", "family_name": "Ng"}),
    "an initial": ("Mrs W Ashworth", {}),
    "a name with marks": (
        "N\u00fa\u00f1ez-O\u2019Dea, Zo\u00eb (Ms)",
        {"given_name": "Zo\u00eb", "family_name": "N\u00fa\u00f1ez-O'Dea"},
    ),
    "a preferred name": ("ASHWORTH, Winifred (Mrs)  Preferred name: Freddie Ash", NAME),
    "a last name that is a street's too": (
        "LANE, Winifred (Mrs)",
        {"given_name": "Winifred", "family_name": "Lane"},
    ),
    "a street is no name": ("MILL LANE, Westmere", {}),
    "two names": ("Name: Winifred Ashworth\nName: Wilfred Umber", {}),
    "a town in capitals is no name": ("8 Tanners Row\nWESTMERE, Cleveland\nTS18 1AB", ADDRESS),
    "nothing of it": ("Sore throat for three days, no fever", {}),
    "nothing": ("", {}),
}


@pytest.mark.parametrize("what", SAMPLES)
def test_what_is_certain_is_taken_and_nothing_else(what: str) -> None:
    text, expected = SAMPLES[what]
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("NHS No 999 000 0018 and 999 000 0026", "two different NHS numbers"),
        (f"{SAMPLES['NHS CUI banner'][0]}\n9990000026", "two different NHS numbers"),
        ("ASHWORTH, Winifred (Mrs) Hospital No 9990000026 NHS 9990000018", "two different"),
        ("Re: W ASHWORTH NHS 9990000018\n\nHer brother (9990000026)", "two different NHS numbers"),
        ("CHI 150 384 1235 H&C No 320 000 0023", "two different NHS numbers"),
        ("Name: Winifred Ashworth NHS No. 999 000 0081 DOB 15/03/1984", "is not right"),
        ("Name: Winifred Ashworth NHS No. 999 000 001 DOB: 15/03/1984", "is not right"),
        ("NHS No. 999 000 00181", "is not right"),
        ("ASHWORTH, Winifred (Mrs) 999 000 0081", "is not right"),
        ("NHS No. 999 000 0018\n999 000 0081", "is not right"),
        ("DOB: 15/03/1984 NHS 9990000018 DOB: 16/03/1984", "two different dates of birth"),
        ("x" * 10_001, "too long"),
    ],
)
def test_what_may_be_about_two_patients_or_the_wrong_one_fills_nothing(text: str, why: str) -> None:
    pasted = paste.read(text, today=TODAY)
    assert pasted.fields == {}
    assert why in pasted.refused
    filled = paste.filled({"banner": text}, today=TODAY)
    assert (filled.fields, filled.is_refused) == ({}, True)
    assert filled.said == f"{pasted.refused}."
    assert "Nothing was filled in" in filled.said


UNHURRIED = settings(deadline=None, database=None)  # other tests run beside it
WORDS = st.sampled_from(
    [
        *("NHS No", "NHS", "DOB:", "Born", "Name:", "Re:", "Sex", "Address:", "Tel", "Mobile:"),
        *("Next of kin:", "Surgery", "Mrs", "(Mrs)", "ASHWORTH,", "Winifred", "Female", "TS18 1AB"),
        *(
            "15/03/1984",
            "(42y)",
            "07700 900982",
            "8 Tanners Row",
            ",",
            "\t",
            "\n",
            "\n\n",
            "  ",
            "|",
        ),
        *("999 000 0018", "9990000018", "999 000 0081", "150 384 1235", "000 000 0000", "+44", "("),
    ]
)
BANNERS = st.lists(WORDS | st.text(max_size=12), max_size=30).map(" ".join)
GROUPED = st.sampled_from(["{0}{1}{2}", "{0} {1} {2}", "{0}-{1}-{2}", "{0}.{1}.{2}"])


@st.composite
def english_numbers(draw: st.DrawFn) -> str:
    """Draw an NHS number as people write it."""
    stem = draw(st.integers(400_000_000, 999_999_999).map(str))
    valid = [f"{stem}{digit}" for digit in range(10) if nhs_numbers.is_valid(f"{stem}{digit}")]
    number = valid[0] if valid else "9990000018"
    return draw(GROUPED).format(number[:3], number[3:6], number[6:])


@UNHURRIED
@given(BANNERS | st.text(max_size=400))
def test_whatever_is_pasted_gives_words_and_fields_of_the_form(text: str) -> None:
    pasted = paste.read(text, today=TODAY)
    assert pasted.fields.keys() <= FIELDS
    assert all(pasted.fields.values())
    said = paste.filled({"banner": text}, today=TODAY).said
    assert said.endswith(".")
    assert not any(value in said for value in pasted.fields.values() if len(value) > 6)


@UNHURRIED
@given(BANNERS, english_numbers(), BANNERS, english_numbers(), BANNERS)
def test_two_numbers_fill_nothing_whatever_stands_around_them(
    before: str, one: str, between: str, other: str, behind: str
) -> None:
    text = f"{before}\n{one}\n{between}\n{other}\n{behind}"
    if nhs_numbers.clean(one) != nhs_numbers.clean(other):
        assert paste.read(text, today=TODAY).fields == {}


@UNHURRIED
@given(BANNERS, english_numbers(), st.integers(1, 9), BANNERS)
def test_a_wrong_check_digit_fills_nothing_whatever_stands_around_it(
    before: str, number: str, off: int, behind: str
) -> None:
    wrong = f"{number[:-1]}{(int(number[-1]) + off) % 10}"
    text = f"{before}\nNHS No: {wrong}\n{behind}"
    assert paste.read(text, today=TODAY).fields == {}


@pytest.mark.parametrize(
    "text", ["9" * 10_000_000, "\x00" * 10_000_000, "Name: " * 2_000_000, "\n" * 10_000_000]
)
def test_ten_megabytes_are_answered_at_once(text: str) -> None:
    begun = time.perf_counter()
    assert "too long" in paste.filled({"banner": text}, today=TODAY).said
    assert time.perf_counter() - begun < 0.1


@pytest.mark.parametrize(
    "part",
    [
        "9 ",
        "9",
        "NHS ",
        "Name: ",
        "Address: ",
        "a, ",
        "Mrs ",
        "(",
        "\n",
        "\t",
        "07700 900982 ",
        "Jan ",
        "TS18 1AB ",
        "Surgery ",
        "Re: ",
        "Next of kin: ",
        "Patient:\nmother\n",
        "Mother's ",
        "step",
        "Mother's number nhs no dob ",
        "a's ",
        "SMITH, Tim (Mr)\n",
        "GP: ",
        "d o b ",
        "1/1/",
        "' ",
        "tel phone number ",
    ],
)
def test_what_is_as_long_as_can_be_takes_no_time(part: str) -> None:
    text = part * (paste.LONGEST // len(part))
    begun = time.process_time()
    paste.read(text, today=TODAY)
    assert time.process_time() - begun < 1


class TestFillingIn:
    """Only what is empty is filled, and only with the same patient's."""

    BANNER = SAMPLES["the same with single spaces, address and phones behind it"][0]

    def filled(self, text: str = BANNER, **typed: str) -> paste.Filled:
        return paste.filled(typed | {"banner": text}, today=TODAY)

    def test_it_says_what_and_that_it_is_to_be_checked(self) -> None:
        filled = self.filled()
        assert filled.fields == WHO | FEMALE | ADDRESS | MOBILE
        assert filled.said == (
            "We filled in 6 answers: name, NHS number, date of birth, sex, address and phone "
            "number. Check them against your clinical system."
        )

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("9990000018", "We filled in 1 answer: NHS number. Check it against your clinical"),
            ("9990000018", "Not found: name, date of birth, sex, address and phone number."),
            ("NHS 9990000018 TS18 1AB", "We filled in 2 answers: NHS number and postcode. Check"),
            ("15/03/1984 16/03/1985", "date of birth, as there is more than one date and none is"),
            ("DOB 15/03/84", "date of birth, as it is no date with a year of 4 digits"),
            ("DOB 15/03/1984 (24y)", "date of birth, as the age beside it is another one"),
            ("Name: Ana Garcia Lopez", "name, as we cannot tell first and last name apart"),
            ("CHI 150 384 1235", "NHS number, as there is only a Scottish number (CHI number)"),
            ("Mob: 07700900982 Mob: 07700900983", "phone number, as there is more than one"),
            ("TS18 1AB EX1 1AA", "address, as there is more than one"),
            ("hello", "We found nothing to fill in. Copy the line with the patient's name"),
            ("", "We found nothing to fill in."),
        ],
    )
    def test_it_says_what_it_did_not_fill_in_and_why(self, text: str, said: str) -> None:
        assert said in self.filled(text).said

    def test_what_was_typed_is_not_overwritten(self) -> None:
        typed = {"given_name": "Winifred Jane", "sex": "female"}
        filled = self.filled(phone="01632 960001", town="Saltby", **typed)
        assert filled.fields == NUMBER | BORN
        assert "Not changed: name, address and phone number." in filled.said

    def test_of_an_answer_in_several_boxes_those_that_are_empty_are_filled(self) -> None:
        filled = self.filled(family_name="ASHWORTH", birth_month="03", postcode="ts181ab")
        assert "family_name" not in filled.fields
        assert filled.fields["given_name"] == "Winifred"
        assert (filled.fields["birth_day"], filled.fields["town"]) == ("15", "Westmere")

    def test_what_is_all_there_already_is_said(self) -> None:
        said = self.filled("9990000018", nhs_number="999 000 0018").said
        assert said.startswith("We filled in nothing: those answers are on the page already.")

    @pytest.mark.parametrize(
        ("typed", "called"),
        [
            ({"nhs_number": "999 000 0026"}, "NHS number"),
            ({"nhs_number": "9990000026", "family_name": "Ashworth"}, "NHS number"),
            ({"birth_day": "16", "birth_month": "March", "birth_year": "1984"}, "date of birth"),
            ({"birth_day": "16/03/1984"}, "date of birth"),
            ({"family_name": "Umber"}, "last name"),
            ({"given_name": "Martin", "family_name": "Ashworth"}, "first name"),
            ({"given_name": "Martin", "birth_day": "15 Mar 1984"}, "first name"),  # a twin
            ({"given_name": "Win"}, "first name"),  # is it Winston?
            ({"given_name": "W"}, "first name"),
            ({"given_name": "Jane Winifred"}, "first name"),
            ({"family_name": "Ashworth", "sex": "male"}, "sex"),
        ],
    )
    def test_another_patient_s_fills_nothing_at_all(
        self, typed: dict[str, str], called: str
    ) -> None:
        filled = self.filled(**typed)
        assert (filled.fields, filled.is_refused) == ({}, True)
        assert filled.said.startswith(f"What you pasted has another {called} than this page.")

    @pytest.mark.parametrize(
        "typed",
        [
            {"nhs_number": "NHS 999-000-0018"},
            {"birth_day": "15 Mar 1984"},
            {"family_name": "ash-worth"},
            {"given_name": "WINIFRED"},
            {"given_name": "Win\u00edfred Jane", "family_name": "Ashworth"},
            {"sex": "other"},
            {"sex": "unknown"},
            {"birth_day": "15", "birth_month": "x", "birth_year": ""},
        ],
    )
    def test_the_same_patient_s_is_known_however_it_was_typed(self, typed: dict[str, str]) -> None:
        assert not self.filled(**typed).is_refused

    @pytest.mark.parametrize(
        ("typed", "text"),
        [
            ("Tim", "SMITH, Jane (Mrs)  Born 12-Mar-1984 (42y)  NHS No. 999 000 0018"),
            ("Tim", "SMITH, Tom (Master)  Born 12-Mar-2019  NHS No. 999 000 0018"),
            ("Tim", "Mrs J Smith  NHS No. 999 000 0018"),
            ("Tim", "Name: Mrs Ana Garcia Lopez  NHS No. 999 000 0018"),
            ("Tim", "Forename: Ana  NHS No. 999 000 0018"),
            ("Mohammed Ali", "SMITH, Mohammed Hassan (Mr)  NHS No. 999 000 0018"),
            ("Paul", "SMITH, Paula (Ms)  NHS No. 999 000 0018"),
        ],
    )
    def test_a_relative_s_of_the_same_last_name_fills_nothing(self, typed: str, text: str) -> None:
        filled = self.filled(text, given_name=typed, family_name="Smith")
        assert (filled.fields, filled.is_refused) == ({}, True)
        assert "name than this page. Nothing was filled in: check that both" in filled.said

    @pytest.mark.parametrize(
        ("typed", "text"),
        [
            ("Mary Jane", "SMITH, Mary-Jane (Ms)"),
            ("Mary", "SMITH, Mary Jane (Ms)"),
            ("Mary Jane", "SMITH, Mary (Ms)"),
            ("Mary", "Ms Mary Ann Smith"),
            ("Zoe", "SMITH, Zo\u00eb (Ms)"),
            ("", "Ms M Smith"),
            ("Mary", ""),
        ],
    )
    def test_a_name_with_or_without_a_middle_name_is_the_same(self, typed: str, text: str) -> None:
        filled = self.filled(f"{text}  NHS 999 000 0018", given_name=typed, family_name="Smith")
        assert filled.fields["nhs_number"] == "999 000 0018"
