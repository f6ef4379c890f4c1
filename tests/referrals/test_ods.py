"""Which rows of ODS files are practices and pharmacies of ours."""

import csv
from datetime import date

import pytest
from django.db.models import CharField

from accounts.files.spreadsheets import Fault, Record
from accounts.models.people import Practice
from referrals import ods
from referrals.models.pharmacies import Pharmacy
from referrals.ods import PHARMACIES, PRACTICES, Listing, OdsFile, Organisation
from tests.referrals import ods_rows


def read(*lines: str, kind: OdsFile = PHARMACIES) -> Listing:
    rows = [Record(number, values) for number, values in enumerate(csv.reader(lines), start=1)]
    return ods.read(rows, kind)


def test_an_active_one_in_england_is_read_as_people_write_it() -> None:
    line = ods_rows.pharmacy(street="THE GREEN,", postcode="wm13de", closed="20270131")
    assert read(line).active == {
        "FZZ01": Organisation(
            ods_code="FZZ01",
            name="Well Street Pharmacy",
            address="4 Well Street, The Green, Westmere",
            postcode="WM1 3DE",
            phone="01632 960201",
            icb="QZ9",
            closed_on=date(2027, 1, 31),
        )
    }


@pytest.mark.parametrize(
    "values",
    [
        {"status": "C", "closed": "20240105"},
        {"status": "D"},
        {"status": "P"},
        {"grouping": "W00"},
        {"grouping": ""},
    ],
    ids=str,
)
def test_what_is_not_active_or_not_in_england_is_another(values: dict[str, str]) -> None:
    day = date(2024, 1, 5) if "closed" in values else None
    for line, kind in ((ods_rows.pharmacy, PHARMACIES), (ods_rows.practice, PRACTICES)):
        listing = read(line(code="FZZ01", **values), kind=kind)
        assert (listing.active, listing.others, listing.faults) == ({}, {"FZZ01": day}, [])


def test_only_setting_4_is_a_practice_and_only_sub_type_1_a_pharmacy() -> None:
    assert not read(ods_rows.practice(setting="0"), kind=PRACTICES).active
    assert read(ods_rows.practice(), kind=PRACTICES).active
    assert not read(ods_rows.pharmacy(sub_type="2")).active


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"code": ""}, "“” is not an ODS code."),
        ({"code": "FZ-01"}, "“FZ-01” is not an ODS code."),
        ({"name": ""}, "FZZ01 has no name."),
        ({"name": "W" * 101}, "the name of FZZ01 is longer than 100 characters."),
        ({"postcode": ""}, "the postcode of FZZ01 is “”."),
        ({"postcode": "WM1"}, "the postcode of FZZ01 is “WM1”."),
        ({"icb": ""}, "the integrated care board of FZZ01 is “”."),
        ({"sub_type": ""}, "the sub-type of FZZ01 is “”, no number and no role as RO76."),
        ({"sub_type": "RO182,1"}, "the sub-type of FZZ01 is “RO182,1”, no number and no role as"),
        ({"grouping": "England"}, "the national grouping of FZZ01 is “England”."),
        ({"status": "X"}, "the status of FZZ01 is “X”, not A, C, D, P, ACTIVE or INACTIVE."),
        ({"opened": "1974"}, "the opening date of FZZ01 is “1974”, not YYYYMMDD."),
        ({"closed": "20250230"}, "the closing date of FZZ01 is “20250230”, not YYYYMMDD."),
        ({"closed": "2025-W01"}, "the closing date of FZZ01 is “2025-W01”, not YYYYMMDD."),
    ],
    ids=str,
)
def test_a_malformed_row_is_named_by_line(values: dict[str, str], words: str) -> None:
    lines = [
        ods_rows.pharmacy(code="FZZ07"),
        ods_rows.pharmacy(**values),
        ods_rows.pharmacy(code="FZZ08"),
    ]
    listing = read(*lines)
    [fault] = listing.faults
    assert str(fault).startswith(f"line 2: {words}")
    assert listing.active.keys() == {"FZZ07", "FZZ08"}
    assert listing.rows == 3


def test_a_row_with_too_few_columns_still_has_its_code() -> None:
    listing = read('"FZZ01","WELL"')
    assert listing.faults == [Fault(1, "it has 2 columns; ODS files have 27.", "FZZ01")]


def test_of_two_rows_with_one_code_the_first_counts() -> None:
    listing = read(ods_rows.pharmacy(), ods_rows.pharmacy(name="ANOTHER"))
    assert [each.name for each in listing.active.values()] == ["Well Street Pharmacy"]
    assert [str(fault) for fault in listing.faults] == ["line 2: FZZ01 is on line 1 already."]


def test_a_malformed_row_is_not_missing() -> None:
    listing = read(ods_rows.pharmacy(code="FZZ02", status="X"), ods_rows.pharmacy(code="FZZ03"))
    assert listing.missing(["FZZ01", "FZZ02", "FZZ03"]) == {"FZZ01"}


def test_a_row_without_a_code_may_be_anybody_s() -> None:
    listing = read(ods_rows.pharmacy(code="FZZ02"), ods_rows.pharmacy(code="?"))
    assert listing.without_code == [2]


@pytest.mark.parametrize(
    "line",
    [
        ",".join(ods_rows.HEADINGS),
        ",".join(ods_rows.HEADINGS[:14]),
        "epraccur",
        "Report of 20 November 2026",
        "Code,Name",
    ],
)
def test_a_heading_is_no_organisation(line: str) -> None:
    listing = read(line, ods_rows.pharmacy(), line)
    assert listing.headings == [1, 3]
    assert (listing.rows, listing.faults) == (1, [])


@pytest.mark.parametrize(
    "spoilt",
    [
        ods_rows.pharmacy(code="?"),
        ods_rows.pharmacy(code="", postcode=""),
        ods_rows.pharmacy(code="WELL", status="ACTIVE", opened="", postcode=""),
        '"FZZ02","WELL STREET PHARMACY"',
    ],
)
def test_an_organisation_in_the_first_line_is_no_heading_however_spoilt(spoilt: str) -> None:
    listing = read(spoilt, ods_rows.pharmacy())
    assert listing.headings == []
    assert len(listing.faults) == 1


def test_below_the_first_organisation_only_the_same_heading_again_is_one() -> None:
    heading = ",".join(ods_rows.HEADINGS)
    listing = read(heading, ods_rows.pharmacy(), heading, "Code,Name", "?")
    assert listing.headings == [1, 3]
    assert [fault.line for fault in listing.faults] == [4, 5]


@pytest.mark.parametrize("model", [Practice, Pharmacy])
def test_what_it_lets_pass_fits_into_the_tables(model: type[Practice | Pharmacy]) -> None:
    for name, longest in ods.LONGEST.items():
        field = model._meta.get_field(name)
        assert isinstance(field, CharField)
        assert field.max_length == longest
