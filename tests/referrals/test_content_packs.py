"""Loading a pack at a console, and making it live or discarding it: two operators."""

from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.errors import Denied, Gone
from accounts.models.audit import AuditEvent, Event
from accounts.models.people import Membership, User
from accounts.roles import Role
from referrals import content_packs
from referrals.models.content_packs import ContentPack
from tests import factories
from tests.clinical_content import FIRST
from tests.factories import acting
from tests.referrals.clinical.samples import copied

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def loader() -> Membership:
    return factories.member(role=Role.OPERATOR)


@pytest.fixture
def confirmer() -> Membership:
    return factories.member(role=Role.OPERATOR)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A pack of today: 2026.2, in which one pathway's youngest age is another."""
    copied(tmp_path)
    today = timezone.localdate(NOW)
    change(tmp_path, "pack.toml", 'version = "2026.1"', 'version = "2026.2"')
    change(tmp_path, "pack.toml", f"starts_on = {FIRST.starts_on}", f"starts_on = {today}")
    change(tmp_path, "pack.toml", f"ends_on = {FIRST.ends_on}", f"ends_on = {today}")
    change(tmp_path, "sinusitis.toml", "youngest = 12", "youngest = 13")
    return tmp_path


def change(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1))


def load(folder: Path, by: User | str, **options: Any) -> str:
    output = StringIO()
    email = by if isinstance(by, str) else by.email
    call_command("load_clinical_pack", str(folder), by=email, stdout=output, **options)
    return output.getvalue()


def loaded(folder: Path, by: Membership) -> ContentPack:
    load(folder, by.user)
    return ContentPack.objects.latest("pk")


def noted(event: Event) -> tuple[str, User | None]:
    found = AuditEvent.objects.select_related("by").get(event=event)
    return found.reason, found.by


def test_a_pack_is_checked_shown_and_stored(folder: Path, loader: Membership) -> None:
    lines = load(folder, loader.user).splitlines()
    assert lines[0] == (
        "2026.2, not clinically signed off; what it changes (against 2026.1, which is in force):"
    )
    assert lines[1] == "changed  Version: 2026.1 -> 2026.2"
    named = [line.partition(":")[0] for line in lines[1:-1]]
    assert named == [
        "changed  Version",
        "changed  First day",
        "changed  Last day",
        "changed  Pathway sinusitis, for",
    ]
    assert lines[-1].startswith("2026.2 is stored and waits. Another operator makes it live at ")
    assert "/clinical-content/, in force from " in lines[-1]
    row = ContentPack.objects.latest("pk")
    assert (row.loaded_by, row.confirmed_at) == (loader.user, None)
    assert noted(Event.CONTENT_LOADED) == ("2026.2", loader.user)


def test_a_dry_run_stores_nothing(folder: Path, loader: Membership) -> None:
    before = ContentPack.objects.count()
    assert load(folder, loader.user, dry_run=True).splitlines()[-1] == "Nothing is stored."
    assert ContentPack.objects.count() == before
    assert not AuditEvent.objects.filter(event=Event.CONTENT_LOADED).exists()


def test_only_an_operator_who_is_there_loads(folder: Path, loader: Membership) -> None:
    desk = factories.active_person(role=Role.SERVICE_DESK)
    off = factories.member(role=Role.OPERATOR)
    Membership.objects.filter(pk=off.pk).update(off_at=NOW)
    for email in ("nobody@westmere.example", "", desk.email, off.user.email):
        with pytest.raises(CommandError, match="no operator has this email address"):
            load(folder, email)
    assert load(folder, f" {loader.user.email.upper()} ")


def test_each_fault_is_said_and_nothing_is_stored(folder: Path, loader: Membership) -> None:
    change(folder, "uti.toml", "youngest = 16\n", "")
    change(folder, "impetigo.toml", "youngest = 1\n", "")
    with pytest.raises(CommandError) as caught:
        load(folder, loader.user)
    assert str(caught.value).splitlines()[1:] == [
        "impetigo.toml, the key “youngest” is missing",
        "uti.toml, the key “youngest” is missing",
    ]
    assert not ContentPack.objects.waiting().exists()


def test_a_version_says_one_thing(folder: Path, loader: Membership, confirmer: Membership) -> None:
    row = loaded(folder, loader)
    assert load(folder, confirmer.user).splitlines()[-1].startswith("2026.2 is stored and waits.")
    content_packs.confirm(row.pk, acting(confirmer, now=NOW))
    assert load(folder, loader.user).splitlines()[-1] == (
        "2026.2 was made live before; nothing is changed."
    )
    change(folder, "sinusitis.toml", "youngest = 13", "youngest = 14")
    with pytest.raises(CommandError, match="was loaded before with other content"):
        load(folder, loader.user)


def test_one_that_has_ended_is_refused(folder: Path, loader: Membership) -> None:
    text = (folder / "pack.toml").read_text().replace(f"{NOW.year}-", f"{NOW.year - 1}-")
    (folder / "pack.toml").write_text(text)
    with pytest.raises(CommandError, match="Its last day was "):
        load(folder, loader.user)


def test_another_operator_makes_it_live(
    folder: Path, loader: Membership, confirmer: Membership
) -> None:
    row = loaded(folder, loader)
    with pytest.raises(Denied, match="Another operator has to make it live"):
        content_packs.confirm(row.pk, acting(loader, now=NOW))
    content_packs.confirm(row.pk, acting(confirmer, now=NOW))
    live = ContentPack.in_force(timezone.localdate(NOW))
    assert live
    assert live.version == "2026.2"
    assert noted(Event.CONTENT_CONFIRMED) == ("2026.2", confirmer.user)
    for act in (content_packs.confirm, content_packs.discard):
        with pytest.raises(Gone):
            act(row.pk, acting(confirmer, now=NOW))


def test_one_that_has_ended_while_it_waited_is_not_made_live(
    loader: Membership, confirmer: Membership
) -> None:
    today = timezone.localdate(NOW)
    pack = msgspec.structs.replace(FIRST, version="short", starts_on=today, ends_on=today)
    row = content_packs.load(pack, loader.user, acting(now=NOW))
    tomorrow = NOW + timedelta(days=1)
    with pytest.raises(Denied, match="Its last day was "):
        content_packs.confirm(row.pk, acting(confirmer, now=tomorrow))


@pytest.mark.parametrize("is_loaded_first", [True, False])
def test_one_that_another_would_keep_out_of_force_is_refused(
    loader: Membership, confirmer: Membership, is_loaded_first: bool
) -> None:
    """As going back to what was asked before, with its first day left as it was."""
    today = timezone.localdate(NOW)
    faulty = msgspec.structs.replace(FIRST, version="2026.2", starts_on=today, ends_on=today)
    before = msgspec.structs.replace(faulty, version="2026.3", starts_on=today - timedelta(days=9))
    first, second = (before, faulty) if is_loaded_first else (faulty, before)
    row = content_packs.load(first, loader.user, acting(now=NOW))
    if is_loaded_first:
        other = content_packs.load(second, loader.user, acting(now=NOW))
        content_packs.confirm(other.pk, acting(confirmer, now=NOW))
        with pytest.raises(Denied, match=r"Version 2026\.2 is live from .* would stay in force"):
            content_packs.confirm(row.pk, acting(confirmer, now=NOW))
    else:
        content_packs.confirm(row.pk, acting(confirmer, now=NOW))
        with pytest.raises(Denied, match=r"Version 2026\.2 is live from .* would stay in force"):
            content_packs.load(second, loader.user, acting(now=NOW))
        assert not ContentPack.objects.waiting().exists()
    again = msgspec.structs.replace(before, version="2026.4", starts_on=today)
    row = content_packs.load(again, loader.user, acting(now=NOW))
    content_packs.confirm(row.pk, acting(confirmer, now=NOW + timedelta(seconds=1)))
    live = ContentPack.in_force(today)
    assert live
    assert live.version == "2026.4"


def test_who_is_no_operator_any_more_does_nothing(
    folder: Path, loader: Membership, confirmer: Membership
) -> None:
    row = loaded(folder, loader)
    Membership.objects.filter(pk=confirmer.pk).update(role=Role.SERVICE_DESK)
    for act in (content_packs.confirm, content_packs.discard):
        with pytest.raises(Gone):
            act(row.pk, acting(confirmer, now=NOW))


@pytest.mark.parametrize("who", ["loader", "confirmer"])
def test_one_that_waits_is_discarded_and_its_version_is_free_again(
    who: str, folder: Path, loader: Membership, confirmer: Membership
) -> None:
    row = loaded(folder, loader)
    by = {"loader": loader, "confirmer": confirmer}[who]
    content_packs.discard(row.pk, acting(by, now=NOW))
    assert noted(Event.CONTENT_DISCARDED) == ("2026.2", by.user)
    change(folder, "sinusitis.toml", "youngest = 13", "youngest = 14")
    assert loaded(folder, loader).version == "2026.2"


def test_where_none_is_in_force_all_of_a_pack_is_shown(
    folder: Path, loader: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ContentPack, "in_force", lambda _today: None)
    lines = load(folder, loader.user).splitlines()
    assert "(none is in force)" in lines[0]
    assert all(line.startswith("added    ") for line in lines[1:-1])
