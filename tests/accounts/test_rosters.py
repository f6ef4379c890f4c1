"""Lists of people as spreadsheets write them, and as people do."""

import pytest

from accounts import rosters
from accounts.roles import Role
from accounts.rosters import Fault, Row, UnreadableError

IDA = ["Ida", "Hill", "ida.hill@x.example", "Receptionist"]
JON = ["Jon", "Ash", "jon.ash@x.example", "Nurse, lead", "administrator", "31/03/2027"]
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
JPEG = b"\xff\xd8\xff\xe0\x10JFIF"


def read(text: str) -> list[Row | Fault]:
    return rosters.read(rosters.tidy(text))


def values(text: str) -> list[list[str]]:
    """What stands in the columns, without empty ones at the end."""
    found = []
    for row in read(text):
        assert isinstance(row, Row), row
        cells = list(row.cells.values())
        while not cells[-1]:
            cells.pop()
        found.append(cells)
    return found


def faults(text: str) -> list[tuple[int, str]]:
    return [(row.line, row.words) for row in read(text) if isinstance(row, Fault)]


class TestLines:
    @pytest.mark.parametrize("separator", [",", ";", "\t"])
    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_columns_and_lines_of_each_kind(self, separator: str, end: str) -> None:
        job = '"Nurse, lead"'
        lines = [separator.join(IDA), separator.join([*JON[:3], job, *JON[4:]]), ""]
        assert values(end.join(lines)) == [IDA, JON]

    def test_lines_keep_their_numbers(self) -> None:
        text = f'\n\n{",".join(IDA)}\n,,,,,\n"";\n{",".join(IDA)}\n\n'
        assert [row.line for row in read(text)] == [3, 6]

    def test_quotation_marks_that_do_not_pair_up_spoil_one_line(self) -> None:
        text = f'Ida,"Hill,ida@x.example,Nurse\n{",".join(IDA)}'
        assert faults(text) == [(1, "The quotation marks in this line do not pair up")]
        assert len(read(text)) == 2

    def test_a_quoted_quotation_mark_is_one(self) -> None:
        assert values('"Ida ""Id""",Hill,a@x.example,Nurse') == [
            ['Ida "Id"', "Hill", "a@x.example", "Nurse"]
        ]

    @pytest.mark.parametrize(
        "cell", ["=1+1", "+44", "-1", "@SUM", '"\tIda"', " =A1", '" =A1"', "＝1", "＠x"]
    )
    def test_what_a_spreadsheet_would_run_is_refused(self, cell: str) -> None:
        text = f"{','.join(IDA)}\n{cell},Hill,ida@x.example,Nurse"
        [(line, words)] = faults(text)
        assert line == 2
        assert "would be a formula in a spreadsheet" in words

    def test_more_than_there_are_columns_for_is_refused(self) -> None:
        assert values(",".join([*JON[:3], "Nurse", *JON[4:], "", ""])) == [
            [*JON[:3], "Nurse", *JON[4:]]
        ]
        assert faults(",".join([*IDA, "", "", "07700"])) == [
            (1, "There is something beside the columns that have a name")
        ]

    def test_a_line_that_is_too_long_is_refused(self) -> None:
        assert faults("x" * 2001) == [(1, "The line has more than 2,000 characters")]

    def test_what_cannot_be_seen_is_left_out(self) -> None:
        text = "\ufeffI\x00da\u200b,Van\u00a0Hill\u2028,a@x.example,Nurse"
        assert rosters.tidy(text) == "Ida,Van Hill ,a@x.example,Nurse"

    def test_tidying_twice_is_tidying_once(self) -> None:
        text = "\n a\x85b\r\r\n\x1c\x00;\n\n"
        assert rosters.tidy(rosters.tidy(text)) == rosters.tidy(text)


class TestHeadings:
    @pytest.mark.parametrize(
        "line",
        [
            "First name,Last name,E-mail address,Job role",
            "GIVEN NAME,surname,Email,job title",
            "Forename , Family name,User name,Position",
            "first_name,last_name,e-mail,Job role (as in Receptionist)",
        ],
    )
    def test_they_have_many_names(self, line: str) -> None:
        assert values(f"{line}\n{','.join(IDA)}") == [IDA]

    def test_they_may_be_in_any_order(self) -> None:
        text = (
            "Last day;E-mail;Job role;Surname;Forename;Role\n31/03/2027;i@x.example;Nurse;Hill;Ida;"
        )
        [row] = read(text)
        assert isinstance(row, Row)
        assert row.cells == {
            "given_name": "Ida",
            "family_name": "Hill",
            "email": "i@x.example",
            "job_role": "Nurse",
            "role": "",
            "last_day": "31/03/2027",
        }
        assert row.line == 2

    @pytest.mark.parametrize(
        ("line", "words"),
        [
            ("First name,Surname,Email,Job role,Phone", "Line 1: “Phone” is none of the columns"),
            ("First name,Surname,Email,Job role,Last dai", "Line 1: “Last dai” is none"),
            ("First name,Surname,Email", "Line 1: there is no column for “Job role”"),
            ("First name,Email,Mail,Job role", "Line 1: two columns are for “E-mail address”"),
        ],
    )
    def test_what_they_cannot_be_is_said(self, line: str, words: str) -> None:
        with pytest.raises(UnreadableError, match=words):
            read(f"{line}\n{','.join(IDA)}")

    def test_a_person_called_like_a_column_is_a_person(self) -> None:
        assert values("Job,Position,job.position@x.example,Role") == [
            ["Job", "Position", "job.position@x.example", "Role"]
        ]

    def test_under_no_heading_nothing_may_stand(self) -> None:
        line = "First name,,Surname,Email,Job role,"
        assert values(f"{line}\nIda,,Hill,i@x.example,Nurse,") == [
            ["Ida", "Hill", "i@x.example", "Nurse"]
        ]
        for odd in ("Ida,x,Hill,i@x.example,Nurse,", "Ida,,Hill,i@x.example,Nurse,x"):
            assert len(faults(f"{line}\n{odd}")) == 1


class TestDecode:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
    def test_as_programs_write_it(self, encoding: str) -> None:
        assert rosters.decode("Zoë\tO’Brien\r\n".encode(encoding)) == "Zoë\tO’Brien\r\n"

    def test_big_endian(self) -> None:
        assert rosters.decode(b"\xfe\xff" + "Zoë".encode("utf-16-be")) == "Zoë"

    @pytest.mark.parametrize("content", [b"PK\x03\x04\x00", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
    def test_a_workbook_is_told_what_to_be(self, content: bytes) -> None:
        with pytest.raises(UnreadableError, match="This is a whole workbook"):
            rosters.decode(content)

    @pytest.mark.parametrize(
        "content", [PNG, JPEG, b"Ida\x00", b"\xff\xfeI\x00d", b"\x81\x8d", b"\xff\xfe\x00\x00"]
    )
    def test_what_is_no_text_is_said(self, content: bytes) -> None:
        with pytest.raises(UnreadableError, match="This is not a CSV file"):
            rosters.decode(content)


class TestBounds:
    def test_5000_people(self) -> None:
        line = ",".join(IDA)
        assert len(read(f"{line}\n" * 5000)) == 5000
        with pytest.raises(UnreadableError, match="There are 5,001 people in the list"):
            read(f"{line}\n" * 5001)

    def test_a_heading_is_nobody(self) -> None:
        heading = "First name,Last name,Email,Job role\n"
        assert len(read(heading + f"{','.join(IDA)}\n" * 5000)) == 5000

    def test_10000_lines_with_empty_ones(self) -> None:
        assert len(read("\n" * 9999 + ",".join(IDA))) == 1
        with pytest.raises(UnreadableError, match="more than 10,000 lines"):
            read("\n" * 10_000 + ",".join(IDA))

    def test_2_megabytes(self) -> None:
        assert rosters.decode(b"x" * 2_000_000)
        assert faults("é" * 1_000_000)
        with pytest.raises(UnreadableError, match="more than 2 MB"):
            rosters.decode(b"x" * 2_000_001)
        with pytest.raises(UnreadableError, match="more than 2 MB"):
            read("é" * 1_000_001)


@pytest.mark.parametrize(
    ("cell", "role"),
    [
        ("", Role.STAFF),
        ("STAFF", Role.STAFF),
        ("Practice staff", Role.STAFF),
        ("administrator", Role.PRACTICE_ADMINISTRATOR),
        ("Practice Administrator", Role.PRACTICE_ADMINISTRATOR),
        ("Receptionist", None),
        ("service desk", None),
        ("operator", None),
        ("-", None),
    ],
)
def test_roles_are_those_of_a_practice(cell: str, role: Role | None) -> None:
    assert rosters.role_named(cell) is role


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("", ("", "", "")),
        ("31/03/2027", ("31", "03", "2027")),
        ("1.4.2027", ("1", "4", "2027")),
        ("2027-03-31", ("31", "03", "2027")),
        ("31/03/27", None),
        ("soon", None),
        ("٣١/٠٣/٢٠٢٧", None),
    ],
)
def test_a_last_day_is_taken_apart(cell: str, parts: tuple[str, str, str] | None) -> None:
    found = rosters.date_parts(cell)
    assert (found and (found["day"], found["month"], found["year"])) == parts
