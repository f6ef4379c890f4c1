"""Lists of people as spreadsheets write them, and as people do."""

import pytest

from accounts.files import spreadsheets
from accounts.files.spreadsheets import Fault
from accounts.files.text_files import UnreadableError
from accounts.people import rosters
from accounts.people.rosters import Row
from accounts.roles import Role
from tests.workbooks import workbook

IDA = ["Ida", "Hill", "ida.hill@x.example", "Receptionist"]
JON = ["Jon", "Ash", "jon.ash@x.example", "Nurse, lead", "administrator", "31/03/2027"]
HEADINGS = ["First name", "Last name", "Email", "Job role"]


def read(text: str) -> list[Row | Fault]:
    return rosters.read(spreadsheets.tidy(text)).lines


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

    @pytest.mark.parametrize("cell", ["=1+1", "+44", "-1", "@SUM", " =A1", '" =A1"', "＝1", "＠x"])
    def test_what_a_spreadsheet_would_run_is_refused(self, cell: str) -> None:
        text = f"{','.join(IDA)}\n{cell},Hill,ida@x.example,Nurse"
        [(line, words)] = faults(text)
        assert line == 2
        assert "looks like a spreadsheet formula" in words

    def test_more_than_there_are_columns_for_is_refused(self) -> None:
        assert values(",".join([*JON[:3], "Nurse", *JON[4:], "", ""])) == [
            [*JON[:3], "Nurse", *JON[4:]]
        ]
        assert faults(",".join([*IDA, "", "", "07700"])) == [
            (1, "This line has more values than there are column headings")
        ]

    def test_a_line_that_is_too_long_is_refused(self) -> None:
        assert faults("x" * 2001) == [(1, "The line has more than 2,000 characters")]


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
            (
                "First name,Surname,Email,Job role,Phone",
                "Line 1: “Phone” is not one of the columns",
            ),
            ("First name,Surname,Email,Job role,Last dai", "Line 1: “Last dai” is not one"),
            ("First name,Surname,Email", "Line 1: there is no column for “Job role”"),
            ("First name,Email,Mail,Job role", "Line 1: two columns are for “Email address”"),
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

    def test_titles_and_empty_lines_may_stand_above(self) -> None:
        text = "\n".join(
            [
                "Staff of Larkfield Surgery",
                ",,,",
                "Questions: boss@x.example",
                ",".join(HEADINGS),
                *["", ",".join(IDA)],
            ]
        )
        read = rosters.read(text)
        assert [row.line for row in read.lines] == [6]
        assert read.notes == ["Lines 1, 3 above the headings: ignored"]

    def test_nobody_is_left_out_above_headings(self) -> None:
        lines = [",".join(IDA), ",".join(HEADINGS), ",".join(JON[:3]), ""]
        found = rosters.read("\n".join(lines))
        assert [row.line for row in found.lines] == [1, 2, 3]
        assert found.notes == []

    @pytest.mark.parametrize(
        ("heading", "cell", "role"),
        [
            ("Administrator", "TRUE", "administrator"),
            ("Admin?", "Yes", "administrator"),
            ("Is administrator", "FALSE", "staff"),
            ("Administrator", "", "staff"),
            ("Administrator", "perhaps", "perhaps"),
            ("Role", "TRUE", "TRUE"),
        ],
    )
    def test_a_role_may_be_asked_for_with_yes_and_no(
        self, heading: str, cell: str, role: str
    ) -> None:
        [row] = read(f"{','.join(HEADINGS)},{heading}\n{','.join(IDA)},{cell}")
        assert isinstance(row, Row)
        assert row.cells["role"] == role

    def test_the_role_is_asked_for_once(self) -> None:
        with pytest.raises(UnreadableError, match="two columns are for “Role”"):
            read(f"{','.join(HEADINGS)},Role,Administrator\n{','.join(IDA)},staff,TRUE")

    def test_a_role_is_no_heading(self) -> None:
        assert values("Jon,First,,Nurse,administrator") == [
            ["Jon", "First", "", "Nurse", "administrator"]
        ]


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
        assert rosters.opened(b"x" * 2_000_000).text
        assert faults("é" * 1_000_000)
        with pytest.raises(UnreadableError, match="more than 2 MB"):
            rosters.opened(b"x" * 2_000_001)
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
        ("31/03/2027", ("31", "3", "2027")),
        ("46477", ("31", "3", "2027")),
        ("1.4.2027", ("1", "4", "2027")),
        ("soon", None),
    ],
)
def test_a_last_day_is_taken_apart(cell: str, parts: tuple[str, str, str] | None) -> None:
    found = rosters.date_parts(cell)
    assert (found and (found["day"], found["month"], found["year"])) == parts


def test_a_workbook_is_read_as_a_pasted_list_is() -> None:
    book = workbook([], ["Our staff"], HEADINGS, IDA, [], JON[:4], hidden=[4])
    opened = rosters.opened(book)
    found = rosters.read(opened.text)
    assert [(row.line, row.cells["given_name"]) for row in found.lines if isinstance(row, Row)] == [
        (6, "Jon")
    ]
    assert opened.notes + found.notes == [
        "1 hidden row is left out: 4. Show them in the workbook if they belong to the list",
        "Line 2 above the headings: ignored",
    ]
