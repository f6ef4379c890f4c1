"""``manage.py import_routes``: pharmacies get what ODS lacks."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.wording import written_date
from pharmrefer.local import ROOT
from referrals.models.messages import Message
from referrals.models.pharmacies import Pharmacy
from referrals.routes import COLUMNS, OPTIONAL
from tests import delivering, factories
from tests.pharmacy_system import PharmacySystem
from tests.workbooks import workbook

pytestmark = pytest.mark.django_db
Import = Callable[..., tuple[str, str]]
HEADER = ",".join(COLUMNS)


@pytest.fixture
def imported(tmp_path: Path) -> Import:
    """Import lines below the header; return what was said at the end, and the complaints."""

    def run(*lines: str, header: str = HEADER, encoding: str = "utf-8") -> tuple[str, str]:
        file = tmp_path / "routes.csv"
        file.write_bytes("\r\n".join([header, *lines]).encode(encoding))
        output, errors = StringIO(), StringIO()
        call_command("import_routes", str(file), stdout=output, stderr=errors)
        said = [each for each in output.getvalue().splitlines() if "lines read" not in each]
        said = [each for each in said if "'s now" not in each]
        progress = [each for each in said if each.endswith("written")]
        assert bool(progress) == bool(re.search("[1-9][0-9]* (added|changed|taken)", said[-2]))
        return "\n".join(said[-2:]), errors.getvalue()

    return run


def without_route(ods_code: str) -> Pharmacy:
    return factories.pharmacy(
        ods_code=ods_code,
        dos_service_id="",
        endpoint="",
        opening_hours="",
        offers_pharmacy_first=False,
    )


def line(ods_code: str = "FZZ01", **values: str) -> str:
    usual = {
        "ods_code": ods_code,
        "dos_service_id": "2000000101",
        "endpoint": "https://bars.example/api",
        "secure_email": "well@pharmacy.example",
        "opening_hours": '"Mon to Fri 9am to 6pm, Sat 9am to 1pm"',
        "offers_pharmacy_first": "yes",
        "is_distance_selling": "no",
    }
    return ",".join((usual | values).values())


NO_ROUTE = "FZZ01,,,,,no,no"


def summary(added: int = 0, changed: int = 0, away: int = 0, same: int = 0, left: int = 0) -> str:
    return (
        f"routes: {added} added, {changed} changed, {away} taken away, {same} as they were, "
        f"{left} lines left alone\n{Pharmacy.objects.offered().count()} pharmacies are offered"
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_route_makes_a_pharmacy_offered(imported: Import, encoding: str) -> None:
    without_route("FZZ01")
    assert not Pharmacy.objects.offered().exists()
    said, errors = imported(
        line("fzz01", opening_hours="9 – 6", is_distance_selling="Yes"), encoding=encoding
    )
    assert (said, errors) == (summary(added=1), "")
    pharmacy = Pharmacy.objects.offered().get()
    assert (pharmacy.dos_service_id, pharmacy.endpoint, pharmacy.secure_email) == (
        "2000000101",
        "https://bars.example/api",
        "well@pharmacy.example",
    )
    assert (pharmacy.opening_hours, pharmacy.is_distance_selling) == ("9 – 6", True)


def test_a_second_time_it_changes_nothing(imported: Import) -> None:
    without_route("FZZ01")
    imported(line())
    said, _ = imported(line())
    assert said == summary(same=1)


def test_columns_may_come_in_any_order(imported: Import) -> None:
    without_route("FZZ01")
    values = dict(zip(COLUMNS, line(opening_hours="9 to 5").split(","), strict=True))
    imported(",".join(values[name] for name in sorted(values)), header=",".join(sorted(COLUMNS)))
    assert Pharmacy.objects.offered().get().opening_hours == "9 to 5"


def test_a_route_can_be_changed_and_taken_away(imported: Import) -> None:
    without_route("FZZ01")
    imported(line())
    said, _ = imported(line(endpoint="https://other.example"))
    assert said == summary(changed=1)
    said, _ = imported(NO_ROUTE)
    assert said == summary(away=1)
    assert not Pharmacy.objects.offered().exists()
    said, _ = imported(NO_ROUTE)
    assert said == summary(same=1)


def test_what_ods_says_and_who_is_not_in_the_file_are_left_alone(imported: Import) -> None:
    other = factories.pharmacy(name="Other", phone="")
    without_route("FZZ01")
    Pharmacy.objects.filter(ods_code="FZZ01").update(phone="", name="Mine")
    before = Pharmacy.objects.values().get(pk=other.pk)
    imported(line())
    mine = Pharmacy.objects.offered().get(ods_code="FZZ01")
    assert (mine.name, mine.phone) == ("Mine", "")
    assert Pharmacy.objects.values().get(pk=other.pk) == before


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        ("FZZ01,1", "it has 2 columns; the headings have 7."),
        ('FZZ01,"1', "The quotation marks in this line do not pair up."),
        (line(""), "it has no ODS code."),
        (line("FZZ99"), "no pharmacy has the ODS code FZZ99."),
        (line("FZZ02"), "FZZ02 is on line 2 already."),
        (line(endpoint=""), "give dos_service_id and endpoint, or neither to take the route away."),
        (line(dos_service_id=""), "give dos_service_id and endpoint, or neither to"),
        (line(dos_service_id="1|2"), "the dos_service_id must have only letters, digits"),
        (line(dos_service_id="1" * 41), "dos_service_id: Ensure this value has at most 40"),
        (line(dos_service_id="2000000102"), "DoS service id 2000000102 is on line 2 already."),
        (
            line(dos_service_id="2000000103"),
            (
                "FZZ03 (Well Street Pharmacy) has the DoS service id 2000000103. It is open: if it "
                "has changed hands, import ODS's file that says so first."
            ),
        ),
        (line(endpoint="http://bars.example"), "endpoint: Begin with https://, and leave out"),
        (line(endpoint="https://a.example?b"), "endpoint: Begin with https://, and leave out"),
        (line(secure_email="nobody"), "secure_email: Enter a valid email address."),
        (line(opening_hours="x" * 301), "opening_hours: Ensure this value has at most 300"),
        (line(offers_pharmacy_first=""), "offers_pharmacy_first must be yes or no."),
        (line(is_distance_selling="1"), "is_distance_selling must be yes or no."),
    ],
)
def test_a_line_that_cannot_be_used_is_named_and_its_pharmacy_keeps_its_route(
    imported: Import, spoilt: str, words: str
) -> None:
    without_route("FZZ01")
    without_route("FZZ02")
    factories.pharmacy(ods_code="FZZ03", dos_service_id="2000000103")
    imported(line(dos_service_id="77"))
    said, errors = imported(line("FZZ02", dos_service_id="2000000102"), spoilt)
    assert said == summary(added=1, left=1)
    assert re.fullmatch(rf"\S+routes\.csv, line 3: {re.escape(words)}.*\n", errors)
    assert Pharmacy.objects.get(ods_code="FZZ01").dos_service_id == "77"


def test_lines_are_named_in_their_order(imported: Import) -> None:
    _, errors = imported(line("FZZ98"), "short", line("FZZ99", dos_service_id="2"))
    assert re.findall("line [0-9]", errors) == ["line 2", "line 3", "line 4"]


@pytest.mark.parametrize(
    "header", ["", HEADER.removeprefix("ods_code,"), f"{HEADER},ods_code", f"{HEADER},more"]
)
def test_a_file_without_its_header_is_refused(imported: Import, header: str) -> None:
    with pytest.raises(CommandError, match=r"FILE .*: its headings must be ods_code,dos_serv"):
        imported(header=header)


class TestAsOfficesSaveThem:
    """One reader for all tables: what it can is tested with it."""

    def test_semicolons_titles_and_empty_columns(self, imported: Import) -> None:
        without_route("FZZ01")
        values = ["FZZ01", "111", "https://a.example", "", "9 to 6, Sat 9 to 1", "TRUE", "False"]
        said, errors = imported(
            "Our routes;;;;;;;;",
            "",
            ";".join(["ODS code", "DoS service ID", *COLUMNS[2:], "", ""]),
            ";".join([*values, "", ""]),
            header="sep=;",
        )
        assert (said, errors) == (summary(added=1), "")
        pharmacy = Pharmacy.objects.offered().get()
        assert (pharmacy.opening_hours, pharmacy.is_distance_selling) == (
            "9 to 6, Sat 9 to 1",
            False,
        )

    def test_a_workbook(self, tmp_path: Path) -> None:
        without_route("FZZ01")
        file = tmp_path / "routes.xlsx"
        values = ["FZZ01", 2000000101, "https://a.example", "", "9\nto 6", True, "no"]
        file.write_bytes(workbook(["Routes"], COLUMNS, values, more={"Notes": [["x"]]}))
        output = StringIO()
        call_command("import_routes", str(file), stdout=output)
        assert "routes: This is the sheet “Staff”. Not read: “Notes”." in output.getvalue()
        pharmacy = Pharmacy.objects.offered().get()
        assert (pharmacy.dos_service_id, pharmacy.opening_hours) == ("2000000101", "9 to 6")

    def test_what_is_no_table_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "routes.xls").write_bytes(b"\xd0\xcf\x11\xe0")
        with pytest.raises(CommandError, match=r"FILE .*\.xls: This is a pre-2007 Excel workbook"):
            call_command("import_routes", str(tmp_path / "routes.xls"))


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"FILE .*none\.csv: there is no such file"):
        call_command("import_routes", str(tmp_path / "none.csv"))


def test_a_closed_pharmacy_is_not_offered_with_a_route(imported: Import) -> None:
    without_route("FZZ01")
    Pharmacy.objects.update(closed_on="2024-01-05")
    said, _ = imported(line())
    assert said.endswith("\n0 pharmacies are offered")


def test_queries_do_not_grow_with_rows(imported: Import) -> None:
    counts = []
    for number in (2, 40):
        codes = [f"FY{number + each:03}" for each in range(number)]
        for code in codes:
            without_route(code)
        lines = [line(code, dos_service_id=f"{number}-{code}") for code in codes]
        with CaptureQueriesContext(connection) as queries:
            imported(*lines)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_documented_example_works(imported: Import) -> None:
    text = (ROOT / "docs" / "routes.md").read_text()
    header, *lines = text.split("```")[1].strip().splitlines()
    for code in ("QA101", "QA102", "QA103"):
        without_route(code)
    said, errors = imported(*lines, header=header)
    assert (said, errors) == (summary(added=2, same=1), "")
    assert re.findall(r"^\| `(\w+)`", text, re.MULTILINE) == [*COLUMNS, *OPTIONAL]
    assert Pharmacy.objects.get(ods_code="QA102").has_prescriber(date(2026, 12, 1))


def test_a_service_stays_with_whom_a_line_that_is_left_alone_leaves_it(imported: Import) -> None:
    factories.pharmacy(ods_code="FZZ01", dos_service_id="111")
    factories.pharmacy(ods_code="FZZ02", dos_service_id="222")
    factories.pharmacy(ods_code="FZZ03", dos_service_id="333")
    said, complaints = imported(
        line("FZZ01", dos_service_id="444", endpoint="http://elsewhere.example"),
        line("FZZ02", dos_service_id="111"),
        line("FZZ03", dos_service_id="222"),
    )
    assert said.startswith("routes: 0 added, 0 changed, 0 taken away, 0 as they were, 3 lines left")
    assert "line 3: FZZ01 (Well Street Pharmacy) has the DoS service id 111. It is" in complaints
    assert "line 4: FZZ02 (Well Street Pharmacy) has the DoS service id 222. It is" in complaints
    services = Pharmacy.objects.order_by("ods_code").values_list("dos_service_id", flat=True)
    assert list(services) == ["111", "222", "333"]


def test_two_pharmacies_may_change_services_with_each_other(imported: Import) -> None:
    factories.pharmacy(ods_code="FZZ01", dos_service_id="111")
    factories.pharmacy(ods_code="FZZ02", dos_service_id="222")
    imported(line("FZZ01", dos_service_id="222"), line("FZZ02", dos_service_id="111"))
    services = Pharmacy.objects.order_by("ods_code").values_list("dos_service_id", flat=True)
    assert list(services) == ["222", "111"]


class TestChangingHands:
    """A pharmacy gets another ODS code, and keeps its service in the Directory of Services."""

    @pytest.fixture
    def old(self) -> Pharmacy:
        without_route("FZZ02")
        return factories.pharmacy(
            ods_code="FZZ01", dos_service_id="111", endpoint="https://old.example", from_ods=True
        )

    def close(self, pharmacy: Pharmacy, *, in_days: int = 0) -> None:
        pharmacy.closed_on = timezone.localdate() + timedelta(days=in_days)
        pharmacy.save(update_fields=["closed_on"])

    @pytest.mark.parametrize("days_ago", [0, 1, 400])
    def test_what_a_closed_one_had_is_free(
        self, imported: Import, old: Pharmacy, days_ago: int
    ) -> None:
        self.close(old, in_days=-days_ago)
        said, errors = imported(line("FZZ02", dos_service_id="111"))
        assert (said, errors) == (summary(added=1), "")
        assert Pharmacy.objects.offered().get().ods_code == "FZZ02"
        old.refresh_from_db()
        # What is on its way to it goes where it went.
        assert (old.dos_service_id, old.endpoint) == ("", "https://old.example")
        assert imported(line("FZZ02", dos_service_id="111"))[0] == summary(same=1)

    def test_what_is_on_its_way_to_the_old_one_stays_as_it_was(
        self, imported: Import, old: Pharmacy, system: PharmacySystem
    ) -> None:
        old.endpoint = system.url
        old.save(update_fields=["endpoint"])
        factories.sent(to=old)
        message = Message.objects.get()
        self.close(old)
        imported(line("FZZ02", dos_service_id="111", endpoint="https://new.example"))
        Message.objects.update(next_attempt_at=timezone.now())
        delivering.attempt(message.pk)
        [received] = [each for each in system.received() if each["request_id"] == str(message.pk)]
        assert (received["dos_service_id"], received["outcome"]) == ("111", "processed")

    def test_one_that_opens_again_is_not_offered_beside_the_one_that_has_its_service(
        self, imported: Import, old: Pharmacy
    ) -> None:
        self.close(old)
        imported(line("FZZ02", dos_service_id="111"))
        Pharmacy.objects.update(closed_on=None)
        assert Pharmacy.objects.offered().get().ods_code == "FZZ02"
        _, errors = imported(line("FZZ01", dos_service_id="111"))
        assert "FZZ02 (Well Street Pharmacy) has the DoS service id 111. It is open" in errors

    def test_it_is_not_free_before_the_day(self, imported: Import, old: Pharmacy) -> None:
        self.close(old, in_days=1)
        said, errors = imported(line("FZZ02", dos_service_id="111"))
        assert said == summary(left=1)
        day = written_date(timezone.localdate() + timedelta(days=1))
        assert (
            f"FZZ01 (Well Street Pharmacy) has the DoS service id 111. ODS says that it closes on "
            f"{day}: import this line from that day on."
        ) in errors

    @pytest.mark.parametrize("closed_first", [True, False])
    def test_a_file_may_still_have_the_closed_one_s_line(
        self, imported: Import, old: Pharmacy, *, closed_first: bool
    ) -> None:
        self.close(old)
        lines = [line("FZZ01", dos_service_id="111"), line("FZZ02", dos_service_id="111")]
        said, errors = imported(*(lines if closed_first else reversed(lines)))
        assert said == summary(added=1, left=1)
        wrong, right = (2, 3) if closed_first else (3, 2)
        assert f"line {wrong}: DoS service id 111 is on line {right} already." in errors
        assert Pharmacy.objects.offered().get().ods_code == "FZZ02"

    def test_a_line_may_take_the_route_away_from_the_closed_one(
        self, imported: Import, old: Pharmacy
    ) -> None:
        self.close(old)
        said, errors = imported(line("FZZ02", dos_service_id="111"), NO_ROUTE)
        assert (said, errors) == (summary(added=1, away=1), "")

    def test_a_closed_one_takes_nothing_from_an_open_one(
        self, imported: Import, old: Pharmacy
    ) -> None:
        self.close(Pharmacy.objects.get(ods_code="FZZ02"))
        said, errors = imported(line("FZZ02", dos_service_id="111"))
        assert said == summary(left=1)
        assert "FZZ01 (Well Street Pharmacy) has the DoS service id 111. It is open" in errors
        old.refresh_from_db()
        assert old.dos_service_id == "111"


class TestOptionalColumns:
    """Closures, pauses and prescribers: files from before do not have them."""

    HEADER = f"{HEADER},{','.join(OPTIONAL)}"

    def test_they_say_when_a_pharmacy_takes_referrals(self, imported: Import) -> None:
        without_route("FZZ01")
        more = '"2026-12-24 to 2026-12-28, 01/02/2027",2026-12-03,"Tu 09:00-12:00; PH off"'
        said, errors = imported(f"{line()},{more}", header=self.HEADER)
        assert (said, errors) == (summary(added=1), "")
        pharmacy = Pharmacy.objects.get()
        assert pharmacy.closures == "2026-12-24 to 2026-12-28, 01/02/2027"
        assert pharmacy.paused_until == date(2026, 12, 3)
        assert pharmacy.has_prescriber(date(2026, 12, 1))
        said, _ = imported(f"{line()},{more}", header=self.HEADER)
        assert said == summary(same=1)

    def test_a_file_without_them_leaves_them_and_an_empty_cell_takes_them_away(
        self, imported: Import
    ) -> None:
        without_route("FZZ01")
        imported(f"{line()},2026-12-24,2026-12-03,Tu 09:00-12:00", header=self.HEADER)
        said, _ = imported(line(secure_email=""))
        assert said == summary(changed=1)
        pharmacy = Pharmacy.objects.get()
        assert (pharmacy.closures, pharmacy.prescriber_hours) == ("2026-12-24", "Tu 09:00-12:00")
        assert pharmacy.paused_until == date(2026, 12, 3)
        imported(f"{line()},,,", header=self.HEADER)
        pharmacy = Pharmacy.objects.get()
        assert (pharmacy.closures, pharmacy.prescriber_hours) == ("", "")
        assert pharmacy.paused_until is None

    @pytest.mark.parametrize(
        ("more", "words"),
        [
            ("Christmas,,", "“Christmas” is no day. Write days as in 2026-12-24 to 2026-12-28"),
            ("2026-12-28 to 2026-12-24,,", "ends before it begins."),
            (",tomorrow,", "“tomorrow” is no day."),
            (",,Tuesdays", "There is no time in “Tuesdays”. Write hours as in Mo-Fr 09:00-18:00"),
        ],
    )
    def test_what_cannot_be_read_in_them_is_named(
        self, imported: Import, more: str, words: str
    ) -> None:
        without_route("FZZ01")
        said, errors = imported(f"{line()},{more}", header=self.HEADER)
        assert said == summary(left=1)
        assert words in errors


def test_hours_in_other_words_are_imported_and_it_is_said_that_they_are_not_known(
    tmp_path: Path,
) -> None:
    without_route("FZZ01")
    without_route("FZZ02")
    known = line("FZZ02", dos_service_id="7", opening_hours='"Mo-Fr 09:00-18:00; PH off"')
    (tmp_path / "routes.csv").write_text(f"{HEADER}\n{line()}\n{known}\n")
    output = StringIO()
    call_command("import_routes", str(tmp_path / "routes.csv"), stdout=output)
    assert "routes: hours of 1 lines are shown as they are, and not known" in output.getvalue()
    assert "The first: line 2: There is no time in “Mon to Fri 9am" in output.getvalue()
    assert Pharmacy.objects.offered().count() == 2
