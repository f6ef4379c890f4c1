"""``manage.py load_region`` and ``show_region``: from a file and back."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from msgspec import structs

from accounts.models.audit import AuditEvent, Event
from accounts.roles import Role
from support.models.regional_content import RegionalContent
from support.region import files, versions
from tests import factories
from tests.support.region.samples import FULL

pytestmark = pytest.mark.django_db


def run(name: str, *arguments: str, **options: Any) -> str:
    said = StringIO()
    call_command(name, *arguments, stdout=said, **options)
    return said.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "region.toml"
    path.write_text(files.write(FULL), encoding="utf-8")
    return path


def test_a_file_becomes_a_version_of_the_operator_who_loads_it(file: Path) -> None:
    operator = factories.active_person(role=Role.OPERATOR)
    said = run("load_region", str(file), by=operator.email.upper())
    newest = versions.newest()
    assert newest
    assert versions.region_of(newest) == FULL
    assert newest.saved_by == operator
    assert f"Saved as version {newest.pk}" in said
    assert "added    Service desk: Phone: 01632 960 400 (option 2)\n" in said
    noted = AuditEvent.objects.get(event=Event.REGION_CHANGED)
    assert (noted.by, noted.reason) == (
        *(operator,),
        f"version {newest.pk}: All of it, from a file",
    )


def test_without_a_name_it_was_done_at_the_console(file: Path) -> None:
    run("load_region", str(file))
    newest = versions.newest()
    assert newest
    assert newest.saved_by is None


def test_only_what_differs_is_shown_and_saved(file: Path) -> None:
    run("load_region", str(file))
    assert run("load_region", str(file)) == "It changes nothing.\n"
    file.write_text(files.write(structs.replace(FULL, name="Vale")), encoding="utf-8")
    said = run("load_region", str(file)).splitlines()
    assert said[0] == "changed  Name and legal texts: Name of the region: Westmere and Vale -> Vale"
    assert len(said) == 2
    assert RegionalContent.objects.count() == 2


def test_it_can_be_tried_first(file: Path) -> None:
    said = run("load_region", str(file), "--dry-run")
    assert "added    Service desk: Name: PharmRefer desk\n" in said
    assert said.endswith("Nothing is saved.\n")
    assert not RegionalContent.objects.exists()


def test_what_is_there_can_be_left_as_it_is(file: Path) -> None:
    run("load_region", str(file), "--if-none")
    file.write_text('name = "Vale"')
    assert run("load_region", str(file), "--if-none") == ""
    assert versions.region_of(versions.newest()) == FULL


def test_nothing_is_saved_while_there_is_a_fault(file: Path) -> None:
    file.write_text('[service_desk]\nphone = "1"\n[local_it]\nemail = "x"')
    with pytest.raises(CommandError) as refused:
        run("load_region", str(file))
    first, phone, email = str(refused.value).splitlines()
    assert first == f"{file} cannot be used:"
    assert phone.startswith("region.toml, service_desk phone: ")
    assert email.startswith("region.toml, local_it email: ")
    assert not RegionalContent.objects.exists()


@pytest.mark.parametrize("role", [None, Role.SERVICE_DESK])
def test_who_is_no_operator_is_not_named_as_one(file: Path, role: Role | None) -> None:
    email = factories.active_person(role=role).email if role else "no.one@region.example"
    with pytest.raises(CommandError, match="no operator has this email address"):
        run("load_region", str(file), by=email)
    assert not RegionalContent.objects.exists()


def test_what_is_shown_can_be_loaded_again(file: Path) -> None:
    assert "# Regional content of PharmRefer (nothing is saved yet)" in run("show_region")
    run("load_region", str(file))
    file.write_text(run("show_region"), encoding="utf-8")
    assert run("load_region", str(file)) == "It changes nothing.\n"
