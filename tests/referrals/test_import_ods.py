"""``manage.py import_ods``: what is there is brought to what the files say."""

from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models.people import IntegratedCareBoard, Practice
from referrals.models.pharmacies import Pharmacy
from tests import factories
from tests.referrals import ods_rows

pytestmark = pytest.mark.django_db
Import = Callable[..., tuple[str, str]]


@pytest.fixture
def imported(tmp_path: Path) -> Import:
    """Import lines, and return what was said and what was complained of."""

    def run(**options: Any) -> tuple[str, str]:
        for name in ("practices", "pharmacies"):
            if name in options:
                file = tmp_path / f"{name}.csv"
                file.write_bytes("\r\n".join(options[name]).encode("cp1252"))
                options[name] = file
        output, errors = StringIO(), StringIO()
        call_command("import_ods", **options, stdout=output, stderr=errors)
        return output.getvalue(), errors.getvalue()

    return run


def summary(kind: str, active: int, added: int = 0, changed: int = 0, **more: int) -> str:
    return (
        f"{kind}: {active} active in England; {added} added, {changed} changed, "
        f"{more.get('closed', 0)} closed, {more.get('reopened', 0)} reopened, "
        f"{more.get('malformed', 0)} lines malformed\n"
    )


def test_it_loads_both_files_and_shows_how_far_it_is(imported: Import) -> None:
    said, errors = imported(practices=ods_rows.practices(3), pharmacies=ods_rows.pharmacies(2))
    assert said.endswith(summary("practices", 3, 3) + summary("pharmacies", 2, 2))
    assert "practices: 3 lines read\n" in said
    assert "pharmacies: 2 of 2 written\n" in said
    assert errors == ""
    practice = Practice.objects.get(ods_code="Z00001")
    assert (practice.name, practice.postcode) == ("Larkfield Surgery", "WM1 3DE")
    assert (practice.address, practice.phone) == ("4 Well Street, Westmere", "+441632960201")
    assert practice.closed_on is None
    assert practice.from_ods


def test_a_second_time_it_changes_nothing(imported: Import) -> None:
    files = {"practices": ods_rows.practices(3), "pharmacies": ods_rows.pharmacies(2)}
    imported(**files)
    said, _ = imported(**files)
    assert said.endswith(summary("practices", 3) + summary("pharmacies", 2))
    assert "written" not in said


def test_one_file_alone_leaves_the_other_kind_alone(imported: Import) -> None:
    imported(practices=ods_rows.practices(3))
    said, _ = imported(pharmacies=ods_rows.pharmacies(1))
    assert "practices" not in said
    assert Practice.objects.filter(closed_on=None).count() == 3


def test_a_board_is_called_by_its_code_until_it_has_a_name(imported: Import) -> None:
    imported(practices=[ods_rows.practice(icb="QZ8")])
    board = IntegratedCareBoard.objects.get()
    assert (board.ods_code, board.name) == ("QZ8", "QZ8")
    IntegratedCareBoard.objects.update(name="Westmere")
    imported(practices=[ods_rows.practice(icb="QZ8"), ods_rows.practice(code="Z00002", icb="QZ8")])
    assert IntegratedCareBoard.objects.get().name == "Westmere"


def test_what_a_practice_says_of_itself_stays(imported: Import) -> None:
    imported(practices=[ods_rows.practice()])
    own = {"call_back_phone": "01632 960 999", "notices_email": "desk@larkfield.example"}
    Practice.objects.update(phone="01632 960000", **own)
    imported(practices=[ods_rows.practice()])
    practice = Practice.objects.get()
    assert practice.phone == "+441632960201"
    assert {name: getattr(practice, name) for name in own} == own


def test_a_phone_number_that_cannot_be_called_is_named_and_left_out(imported: Import) -> None:
    lines = [
        ods_rows.pharmacy(code=f"FZZ0{number}", phone=phone)
        for number, phone in enumerate(
            ("01632 96020", "TBC " * 10, "0116 4960998 / 0116 4960999", "01632 960201 x12", "")
        )
    ]
    said, errors = imported(pharmacies=lines)
    assert said.endswith(summary("pharmacies", 5, 5))
    assert errors == ""
    phones = Pharmacy.objects.order_by("ods_code").values_list("phone", flat=True)
    assert list(phones) == ["", "", "+441164960998", "+441632960201;ext=12", ""]
    assert said.count("cannot be called") == 2
    assert "the phone number of FZZ00 cannot be called, and is left out: 01632 96020\n" in said


def test_a_number_that_is_only_written_otherwise_is_no_other_number(imported: Import) -> None:
    imported(practices=[ods_rows.practice()])
    Practice.objects.update(phone="01632 960201")  # as it was stored before
    imported(practices=[ods_rows.practice(phone="01632960 201")])
    practice = Practice.objects.get()
    assert (practice.phone, practice.phone_changed_on) == ("+441632960201", None)


def test_a_practice_that_moves_to_another_board_is_changed(imported: Import) -> None:
    imported(practices=[ods_rows.practice()])
    said, _ = imported(practices=[ods_rows.practice(icb="QZ8")])
    assert said.endswith(summary("practices", 1, changed=1))
    assert Practice.objects.get().icb.ods_code == "QZ8"


def test_a_changed_pharmacy_keeps_its_route(imported: Import) -> None:
    route = {
        "dos_service_id": "2000000101",
        "endpoint": "https://bars.example",
        "secure_email": "well@pharmacy.example",
        "opening_hours": "Every day",
        "offers_pharmacy_first": True,
        "is_distance_selling": True,
        "failures": 3,
        "not_before": timezone.now(),
    }
    factories.pharmacy(ods_code="FZZ01", **route)
    said, _ = imported(pharmacies=[ods_rows.pharmacy(name="RENAMED", phone="")])
    assert said.endswith(summary("pharmacies", 1, changed=1))
    pharmacy = Pharmacy.objects.get()
    assert (pharmacy.name, pharmacy.phone) == ("Renamed", "")
    assert {name: getattr(pharmacy, name) for name in route} == route


def test_another_number_on_record_is_dated_unless_an_operator_has_set_it(imported: Import) -> None:
    imported(practices=ods_rows.practices(2))
    assert set(Practice.objects.values_list("phone_changed_on", flat=True)) == {None}
    Practice.objects.filter(ods_code="Z00002").update(phone_override="01632 960555")
    imported(practices=ods_rows.practices(2, phone="01632 960999"))
    changed, overridden = Practice.objects.order_by("ods_code")
    assert (changed.phone_on_record, changed.phone_changed_on) == (
        "+441632960999",
        timezone.localdate(),
    )
    assert (overridden.phone_on_record, overridden.phone_changed_on) == ("01632 960555", None)
    earlier = timezone.localdate() - timedelta(days=20)
    Practice.objects.update(phone_changed_on=earlier)
    imported(practices=ods_rows.practices(2, phone="01632 960999", name="RENAMED"))
    assert set(Practice.objects.values_list("phone_changed_on", flat=True)) == {earlier}


class TestBothDialects:
    """What the files have said since October 2025, and what they said before."""

    def test_they_are_read_in_one_file(self, imported: Import) -> None:
        practices = [
            ods_rows.practice(),
            ods_rows.practice(code="Z00002", status="ACTIVE", setting="RO76"),
            ods_rows.practice(code="Z00003", status="Active", setting="RO80|RO76"),
            ods_rows.practice(code="Z00004", status="ACTIVE", setting="RO80|RO87"),
            ods_rows.practice(code="Z00005", status="INACTIVE", setting="RO76"),
            ods_rows.practice(code="Z00006", status="ACTIVE", setting="4"),
        ]
        pharmacies = [
            ods_rows.pharmacy(code="FZZ01"),
            ods_rows.pharmacy(code="FZZ02", status="ACTIVE", sub_type="RO182"),
            ods_rows.pharmacy(code="FZZ03", status="ACTIVE", sub_type="RO94"),
            ods_rows.pharmacy(code="FZZ04", sub_type="2"),
        ]
        said, errors = imported(practices=practices, pharmacies=pharmacies)
        assert said.endswith(summary("practices", 4, 4) + summary("pharmacies", 2, 2))
        assert errors == ""

    def test_the_same_organisations_in_the_other_dialect_change_nothing(
        self, imported: Import
    ) -> None:
        imported(practices=ods_rows.practices(30), pharmacies=ods_rows.pharmacies(30))
        said, _ = imported(
            practices=ods_rows.practices(30, status="ACTIVE", setting="RO76"),
            pharmacies=ods_rows.pharmacies(30, status="ACTIVE", sub_type="RO182"),
        )
        assert said.endswith(summary("practices", 30) + summary("pharmacies", 30))


class TestClosing:
    """What is no longer active is closed, and what is active again is open."""

    def test_the_day_is_the_file_s(self, imported: Import) -> None:
        imported(pharmacies=ods_rows.pharmacies(2))
        gone = ods_rows.pharmacy(code="FZ002", status="C", closed="20240105")
        for expected in (summary("pharmacies", 1, closed=1), summary("pharmacies", 1)):
            said, _ = imported(pharmacies=[*ods_rows.pharmacies(1), gone])
            assert said.endswith(expected)
            assert Pharmacy.objects.get(ods_code="FZ002").closed_on == date(2024, 1, 5)

    @pytest.mark.parametrize(
        "values",
        [
            {"status": "D"},
            {"setting": "0"},
            {"grouping": "W00"},
            {"status": "C", "closed": "29990101"},
        ],
        ids=str,
    )
    def test_without_a_day_that_has_passed_it_is_today(
        self, imported: Import, values: dict[str, str]
    ) -> None:
        imported(practices=ods_rows.practices(2))
        lines = [ods_rows.practice(), ods_rows.practice(code="Z00002", **values)]
        imported(practices=lines)
        practice = Practice.objects.get(ods_code="Z00002")
        assert practice.closed_on == timezone.localdate()
        earlier = practice.closed_on - timedelta(days=3)
        Practice.objects.filter(pk=practice.pk).update(closed_on=earlier)
        said, _ = imported(practices=lines)  # some days later
        assert said.endswith(summary("practices", 1))

    def test_what_is_absent_is_closed_today_and_reopened_when_it_is_back(
        self, imported: Import
    ) -> None:
        imported(practices=ods_rows.practices(3))
        said, _ = imported(practices=ods_rows.practices(2))
        assert said.endswith(summary("practices", 2, closed=1))
        assert Practice.objects.get(ods_code="Z00003").closed_on == timezone.localdate()
        said, _ = imported(practices=ods_rows.practices(3))
        assert said.endswith(summary("practices", 3, reopened=1))
        assert not Practice.objects.exclude(closed_on=None).exists()

    def test_what_no_import_brought_is_closed_by_the_file_s_word_alone(
        self, imported: Import
    ) -> None:
        invented = factories.pharmacy()
        mine = factories.pharmacy(ods_code="FZ002")
        imported(pharmacies=ods_rows.pharmacies(1))
        assert not Pharmacy.objects.exclude(closed_on=None).exists()
        imported(pharmacies=[ods_rows.pharmacy(), ods_rows.pharmacy(code="FZ002", status="C")])
        assert set(Pharmacy.objects.filter(closed_on=None)) >= {invented}
        mine.refresh_from_db()
        assert mine.closed_on == timezone.localdate()

    def test_a_malformed_row_closes_nobody(self, imported: Import) -> None:
        imported(pharmacies=ods_rows.pharmacies(9))
        said, _ = imported(
            pharmacies=[*ods_rows.pharmacies(8), ods_rows.pharmacy(code="FZ009", name="")]
        )
        assert said.endswith(summary("pharmacies", 8, malformed=1))
        assert Pharmacy.objects.filter(closed_on=None).count() == 9

    def test_where_a_line_may_be_anybody_s_all_else_is_done_and_it_ends_loudly(
        self, imported: Import, tmp_path: Path
    ) -> None:
        imported(pharmacies=ods_rows.pharmacies(12))
        file = tmp_path / "new.csv"
        lines = [
            *ods_rows.pharmacies(8),
            ods_rows.pharmacy(code="?"),
            ods_rows.pharmacy(code="FZ009", status="INACTIVE", closed="20240105"),
            ods_rows.pharmacy(code="FZ010", name="RENAMED"),
            ods_rows.pharmacy(code="FZ013"),
        ]
        file.write_text("\n".join(lines))
        output, errors = StringIO(), StringIO()
        with pytest.raises(CommandError) as raised:
            call_command("import_ods", pharmacies=file, stdout=output, stderr=errors)
        assert raised.value.returncode == 3
        assert str(raised.value).splitlines() == [
            (
                "--pharmacies: NOTHING WAS CLOSED FOR BEING ABSENT FROM THE FILE. Line 9 has no "
                "ODS code that can be read, and may be about any of the pharmacies. All else was "
                "imported."
            ),
            "  still open, and on no line that can be read: FZ011 Well Street Pharmacy",
            "  still open, and on no line that can be read: FZ012 Well Street Pharmacy",
            "Correct the file, or get it again from ODS, and import it again.",
        ]
        assert output.getvalue().endswith(
            summary("pharmacies", 10, 1, changed=1, closed=1, malformed=1)
        )
        assert "line 9: “?” is not an ODS code." in errors.getvalue()
        still_open = Pharmacy.objects.filter(closed_on=None).order_by("ods_code")
        assert [each.ods_code[-2:] for each in still_open[8:]] == ["10", "11", "12", "13"]

    def test_it_is_as_loud_where_nothing_is_absent_today(self, imported: Import) -> None:
        with pytest.raises(CommandError, match="nothing that is open was absent") as raised:
            imported(practices=[*ods_rows.practices(8), ods_rows.practice(code="")])
        assert raised.value.returncode == 3
        assert Practice.objects.count() == 8

    def test_a_file_that_is_cut_short_is_refused_though_a_line_may_be_anybody_s(
        self, imported: Import
    ) -> None:
        imported(pharmacies=ods_rows.pharmacies(40))
        with pytest.raises(CommandError, match="are not in the file at all") as raised:
            imported(pharmacies=[*ods_rows.pharmacies(8), ods_rows.pharmacy(code="?")])
        assert raised.value.returncode == 1

    def test_a_heading_closes_as_without_it(self, imported: Import) -> None:
        imported(pharmacies=ods_rows.pharmacies(9))
        heading = ",".join(f'"{name}"' for name in ods_rows.HEADINGS)
        lines = ["Predefined report: edispensary", heading, *ods_rows.pharmacies(8)]
        said, errors = imported(pharmacies=[*lines, heading])
        assert said.endswith(summary("pharmacies", 8, closed=1))
        assert [line for line in said.splitlines() if "is a heading" in line] == [
            "pharmacies: line 1 is a heading, and left out",
            "pharmacies: line 2 is a heading, and left out",
            "pharmacies: line 11 is a heading, and left out",
        ]
        assert errors == ""

    def test_an_announced_closing_comes_by_itself(self, imported: Import) -> None:
        imported(pharmacies=ods_rows.pharmacies(1))
        Pharmacy.objects.update(
            dos_service_id="2000000101", endpoint="https://a.example", offers_pharmacy_first=True
        )
        tomorrow = timezone.localdate() + timedelta(days=1)
        for day, offered in ((tomorrow, 1), (timezone.localdate(), 0)):
            imported(pharmacies=ods_rows.pharmacies(1, closed=f"{day:%Y%m%d}"))
            assert Pharmacy.objects.get().closed_on == day
            assert Pharmacy.objects.offered().count() == offered

    @pytest.mark.parametrize(
        ("says", "words"), [("C", "would be closed"), ("", "are not in the file at all")]
    )
    def test_very_many_are_closed_only_by_force(
        self, imported: Import, says: str, words: str
    ) -> None:
        files = {"practices": ods_rows.practices(1), "pharmacies": ods_rows.pharmacies(20)}
        imported(**files)
        gone = ods_rows.pharmacies(20, status="C")[9:] if says else []
        files = {
            "practices": ods_rows.practices(2),
            "pharmacies": [*ods_rows.pharmacies(9), *gone],
        }
        with pytest.raises(
            CommandError, match=rf"--pharmacies: 11 of 20 {words}.*--force.*Nothing was"
        ):
            imported(**files)
        assert Practice.objects.count() == 1
        assert not Pharmacy.objects.exclude(closed_on=None).exists()
        said, _ = imported(**files, force=True)
        assert said.endswith(summary("pharmacies", 9, closed=11))

    @pytest.mark.parametrize(("absent", "is_refused"), [(11, False), (12, True)])
    def test_one_in_a_hundred_may_be_missing(
        self, imported: Import, absent: int, is_refused: bool
    ) -> None:
        imported(pharmacies=ods_rows.pharmacies(1100))
        left = ods_rows.pharmacies(1100 - absent)
        if is_refused:
            with pytest.raises(CommandError, match=r"12 of 1,100 are not in the file at all"):
                imported(pharmacies=left)
        else:
            said, _ = imported(pharmacies=left)
            assert "0 added, 0 changed, 11 closed, 0 reopened" in said


class TestOddFiles:
    """What cannot be read is named, and nothing else is lost."""

    def test_malformed_lines_are_named_and_the_others_loaded(self, imported: Import) -> None:
        lines = ods_rows.pharmacies(20)
        lines[2:2] = ['"FZ777","SHORT"', '"FZ778","OPEN', ods_rows.pharmacies(1)[0]]
        said, errors = imported(pharmacies=lines)
        assert said.endswith(summary("pharmacies", 20, 20, malformed=3))
        assert [line.rpartition(", line ")[2] for line in errors.splitlines()] == [
            "3: it has 2 columns; ODS files have 27.",
            "4: The quotation marks in this line do not pair up.",
            "5: FZ001 is on line 1 already.",
        ]

    def test_bytes_of_windows_are_read(self, imported: Import) -> None:
        imported(pharmacies=[ods_rows.pharmacy(name="ZOË'S CHEMIST")])
        assert Pharmacy.objects.get().name == "Zoë's Chemist"

    def test_each_line_may_be_of_windows_or_not(self, tmp_path: Path) -> None:
        file = tmp_path / "edispensary.csv"
        lines = [ods_rows.pharmacy(code=f"FZZ0{n}", name="ZOË'S CHEMIST") for n in (1, 2)]
        file.write_bytes(lines[0].encode() + b"\r\n" + lines[1].encode("latin-1"))
        call_command("import_ods", pharmacies=file, stdout=StringIO())
        assert set(Pharmacy.objects.values_list("name", flat=True)) == {"Zoë's Chemist"}

    def test_bytes_of_no_letter_spoil_one_line_whose_code_is_known(
        self, imported: Import, tmp_path: Path
    ) -> None:
        imported(pharmacies=ods_rows.pharmacies(9))
        file = tmp_path / "odd.csv"
        lines = [*ods_rows.pharmacies(8), ods_rows.pharmacy(code="FZ009", name="WELL\x81")]
        file.write_bytes("\n".join(lines).encode("latin-1"))
        errors = StringIO()
        call_command("import_ods", pharmacies=file, stdout=StringIO(), stderr=errors)
        assert "line 9: The line has bytes that are neither UTF-8 nor" in errors.getvalue()
        assert not Pharmacy.objects.exclude(closed_on=None).exists()

    def test_a_byte_order_mark_is_no_part_of_a_code(self, tmp_path: Path) -> None:
        file = tmp_path / "edispensary.csv"
        file.write_text(ods_rows.pharmacy(), encoding="utf-8-sig")
        call_command("import_ods", pharmacies=file, stdout=StringIO())
        assert Pharmacy.objects.get().ods_code == "FZZ01"

    def test_the_other_file_is_refused_even_by_force(self, imported: Import) -> None:
        for setting, words in (("", "“” \\(3\\), which no file"), ("0", "0 are active practices")):
            lines = [ods_rows.pharmacy(code=f"FZ00{n}", setting=setting) for n in range(3)]
            with pytest.raises(CommandError, match=rf"{words}.*Give epraccur\.csv as"):
                imported(practices=lines, force=True)
        with pytest.raises(CommandError, match=r"(sub-type).*“B” \(3\).*Give edispensary\.csv as"):
            imported(pharmacies=ods_rows.practices(3), force=True)

    @pytest.mark.parametrize(
        ("values", "words"),
        [
            (
                {"status": "OPEN"},
                r"column 13 \(status\) says “OPEN” \(12\), which no file of ODS's",
            ),
            ({"status": ""}, r"column 13 \(status\) says “” \(12\), which no"),
            ({"setting": "GP"}, r"column 26 \(prescribing setting\) says “GP” \(12\), which no"),
            ({"setting": ""}, r"column 26 \(prescribing setting\) says “” \(12\), which no"),
        ],
        ids=str,
    )
    @pytest.mark.parametrize("force", [True, False])
    def test_what_is_in_no_dialect_is_refused_whole_with_the_values_met(
        self, imported: Import, values: dict[str, str], words: str, *, force: bool
    ) -> None:
        imported(practices=ods_rows.practices(50))
        lines = [*ods_rows.practices(50)[12:], *ods_rows.practices(12, **values)]
        with pytest.raises(CommandError, match=rf"{words}.*on 12 of 50 lines") as raised:
            imported(practices=lines, force=force)
        assert raised.value.returncode == 1
        assert not Practice.objects.exclude(closed_on=None).exists()

    def test_roles_of_which_none_is_ours_are_named_with_how_often_they_were_met(
        self, imported: Import
    ) -> None:
        lines = ods_rows.pharmacies(3, status="ACTIVE", sub_type="RO999")
        with pytest.raises(CommandError, match=r"\(sub-type\) says “RO999” \(3\)\. Give edisp"):
            imported(pharmacies=lines, force=True)

    def test_a_few_values_in_no_dialect_leave_their_organisations_as_they_are(
        self, imported: Import
    ) -> None:
        imported(pharmacies=ods_rows.pharmacies(10))
        odd = ods_rows.pharmacy(code="FZ010", sub_type="PHARMACY")
        said, errors = imported(pharmacies=[*ods_rows.pharmacies(9), odd])
        assert said.endswith(summary("pharmacies", 9, malformed=1))
        assert "the sub-type of FZ010 is “PHARMACY”, no number and no role" in errors
        assert not Pharmacy.objects.exclude(closed_on=None).exists()

    def test_mostly_malformed_is_no_ods_file(self, imported: Import) -> None:
        lines = [*ods_rows.pharmacies(7), "FZ888,b", "FZ889,d"]
        with pytest.raises(CommandError, match=r"2 of 9 lines are malformed.*or add --force"):
            imported(pharmacies=lines)
        assert not Pharmacy.objects.exists()
        said, _ = imported(pharmacies=lines, force=True)
        assert said.endswith(summary("pharmacies", 7, 7, malformed=2))

    def test_what_is_wrong_with_a_file_names_its_option(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match=r"--practices .*none\.csv: there is no such file"):
            call_command("import_ods", practices=tmp_path / "none.csv", stdout=StringIO())
        with pytest.raises(CommandError, match="Give --practices FILE, --pharmacies FILE or both"):
            call_command("import_ods")


def test_queries_do_not_grow_with_rows(imported: Import) -> None:
    imported(practices=ods_rows.practices(1))
    counts = []
    for first, number in ((2, 2), (100, 50)):
        added = [ods_rows.practice(code=f"Z{first + each:05}") for each in range(number)]
        closed = [
            ods_rows.practice(code=f"Z{first + each:05}", status="C") for each in range(number)
        ]
        for lines in (added, closed):
            with CaptureQueriesContext(connection) as queries:
                imported(practices=[ods_rows.practice(), *lines], force=True)
            counts.append(len(queries))
    assert counts[:2] == counts[2:]
