"""What an operator types, and what runs beside the workers."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from accounts import notices
from accounts.models.mail import Mail
from accounts.models.people import IntegratedCareBoard, Practice, User
from accounts.roles import Role
from accounts.sign_in import activation
from pharmrefer.local import ROOT
from pharmrefer.local.programs import REGION
from referrals import content_packs
from referrals.management.commands import load_demonstration, rescue
from referrals.models.content_packs import ContentPack
from referrals.models.messages import Message
from referrals.models.pharmacies import Pharmacy
from referrals.models.postcodes import Postcode
from referrals.models.referrals import Referral
from referrals.states import State
from tests import delivering, factories
from tests.factories import acting
from tests.mail_server import MailServer
from tests.pharmacy_system import PharmacySystem
from tests.referrals.clinical.samples import copied

pytestmark = pytest.mark.django_db


def run(*arguments: str, **options: Any) -> str:
    output = StringIO()
    call_command(*arguments, **options, stdout=output)
    return output.getvalue()


class TestLoadDemonstration:
    """``manage.py load_demonstration``."""

    def test_it_loads_a_region_and_prints_a_code_for_each_role(self) -> None:
        lines = run("load_demonstration", str(REGION)).splitlines()
        assert IntegratedCareBoard.objects.count() == 1
        assert Practice.objects.count() == 4
        assert Pharmacy.objects.count() == 12
        # Two operators, who have to agree on clinical content.
        assert [line[:24].strip() for line in lines] == [
            *(role.label for role in Role),
            Role.OPERATOR.label,
        ]
        for line in lines:
            _, user_name, code = line.rsplit(maxsplit=2)
            activation.accept_invitation(user_name, code, actor=acting(now=timezone.now()))

    def test_a_second_time_it_changes_and_prints_nothing(self) -> None:
        run("load_demonstration", str(REGION))
        Practice.objects.update(name="Renamed since")
        assert run("load_demonstration", str(REGION)) == ""
        assert set(Practice.objects.values_list("name", flat=True)) == {"Renamed since"}
        assert User.objects.count() == 5

    def test_new_codes_are_for_everybody_and_take_nothing_from_anybody(self) -> None:
        run("load_demonstration", str(REGION))
        user = factories.with_password(User.objects.earliest("pk"))
        factories.authenticator(user)
        lines = run("load_demonstration", str(REGION), new_codes=True).splitlines()
        assert len(lines) == 5
        assert [line for line in lines if "no code. The account is active" in line] == lines[:1]
        assert User.objects.get(pk=user.pk).has_usable_password()
        assert user.authenticators.filter(confirmed=True).exists()

    @pytest.mark.parametrize(("year", "version"), [("2127", "demo"), ("2020", "demo.again")])
    def test_two_operators_make_the_first_clinical_content_live(
        self, year: str, version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run("load_demonstration", str(REGION))
        assert ContentPack.objects.count() == 1  # this run's own: it stays as it is
        text = (copied(tmp_path) / "pack.toml").read_text().replace('"2026.1"', '"demo"')
        text = text.replace("starts_on = 2026", "starts_on = 2019").replace("2027-", f"{year}-")
        (tmp_path / "pack.toml").write_text(text)
        monkeypatch.setattr(content_packs, "FIRST_PACK", tmp_path)
        load_demonstration.Command()._load_clinical_content(json.loads(Path(REGION).read_text()))
        row = ContentPack.objects.latest("pk")
        assert row.version == version
        assert row.ends_on >= timezone.localdate()
        assert [row.loaded_by, row.confirmed_by] == [*User.objects.order_by("-pk")[:2]][::-1]
        live = ContentPack.in_force(timezone.localdate())
        assert live
        assert live.version == version

    def test_telephone_numbers_are_from_the_ranges_for_drama(self) -> None:
        region = json.loads(Path(REGION).read_text())
        assert {practice["phone"][:9] for practice in region["practices"]} == {"01632 960"}
        assert {pharmacy["phone"][:9] for pharmacy in region["pharmacies"]} == {"01632 960"}
        assert all(person["email"].endswith(".example") for person in region["people"])

    def test_its_pharmacies_are_offered_once_their_system_is_known(self) -> None:
        run("load_demonstration", str(REGION))
        assert not Pharmacy.objects.offered().exists()
        mine = factories.pharmacy()
        for url in ("http://localhost:8001", "http://localhost:8124"):
            run("load_demonstration", str(REGION), pharmacy_system=url)
            offered = Pharmacy.objects.offered().exclude(pk=mine.pk)
            assert set(offered.values_list("endpoint", flat=True)) == {url}
        assert offered.count() == 12
        assert offered.filter(is_distance_selling=True).count() == 1
        assert Pharmacy.objects.get(pk=mine.pk).endpoint == mine.endpoint
        for pharmacy in offered:
            pharmacy.full_clean()

    def test_its_pharmacies_have_places_and_all_but_one_known_hours(self) -> None:
        run("load_demonstration", str(REGION))
        found = Pharmacy.objects.all()
        assert not found.filter(easting=None).exists()
        monday = datetime(2026, 11, 30, 12, tzinfo=UTC)
        unknown = [each.ods_code for each in found if not each.opening(monday).is_known]
        assert unknown == ["QA110"]
        assert Postcode.objects.filter(pk="TS181AB").exists()


class TestRescue:
    """``manage.py rescue``."""

    def test_it_ends_what_is_out_of_time_and_shows_that_it_works(self, tmp_path: Path) -> None:
        factories.sent()
        Message.objects.update(give_up_at=timezone.now())
        with override_settings(HEALTH_FILE=tmp_path / "health"):
            run("rescue", once=True)
        assert Referral.objects.get().state == State.NOT_DELIVERED
        assert (tmp_path / "health").exists()

    def test_it_sends_what_is_overdue_and_one_that_cannot_be_sent_holds_up_no_other(
        self, system: PharmacySystem, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # In this thread, and on the connection that holds the test's transaction.
        monkeypatch.setattr(
            rescue,
            "ThreadPoolExecutor",
            lambda _count: contextlib.nullcontext(SimpleNamespace(submit=lambda _work: Future())),
        )
        monkeypatch.setattr(rescue, "Sender", delivering.sender)
        to = factories.pharmacy(endpoint=system.url)
        for _ in range(6):
            factories.sent(to=to)
        broken = factories.sent(to=factories.pharmacy(endpoint=system.url))
        Message.objects.filter(referral=broken).update(practice=factories.practice())
        Message.objects.update(next_attempt_at=timezone.now() - timedelta(minutes=3))
        run("rescue", once=True)
        states = Referral.objects.exclude(pk=broken.pk).values_list("state", flat=True)
        assert list(states) == [State.DELIVERED] * 6
        assert Message.objects.get(referral=broken).last_reason == "our-fault"

    def test_what_is_only_just_due_is_the_workers(self) -> None:
        factories.sent()
        Message.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=100))
        run("rescue", once=True)
        assert Message.objects.get().attempts_made == 0

    def test_it_sends_e_mails_that_are_overdue_with_no_broker_at_all(self) -> None:
        def alone(work: Callable[[], Any]) -> Any:
            """Work in a thread, with a connection of its own, which commits."""
            try:
                return work()
            finally:
                connection.close()

        def fill() -> None:
            for to, ago in (("late@nhs.example", 2), ("fresh@nhs.example", 0)):
                then = timezone.now() - timedelta(minutes=ago)
                notices.password_changed(User(given_name="Jo", email=to), now=then)

        with ThreadPoolExecutor(1) as pool, MailServer() as server:
            pool.submit(alone, fill).result()
            try:
                done = subprocess.run(
                    [sys.executable, "manage.py", "rescue", "--once"],
                    cwd=ROOT,
                    env=os.environ
                    | {
                        "EMAIL_URL": f"smtp+plain://127.0.0.1:{server.port}",
                        "BROKER_URL": "redis://127.0.0.1:9/0",
                    },
                    capture_output=True,
                    text=True,
                    check=False,
                )
            finally:
                pool.submit(alone, Mail.objects.all().delete).result()
        assert done.returncode == 0, done.stderr
        assert [each.to for each in server.received()] == [["late@nhs.example"]]
        assert server.greeted == ["pharmrefer.example"]

    def test_told_to_stop_it_finishes_what_it_has_begun_and_begins_nothing_else(self) -> None:
        script = (
            "import pharmrefer.celery, uuid\n"
            "from concurrent.futures import Future\n"
            "from types import SimpleNamespace\n"
            "from threading import Timer\n"
            "from django.core.management import call_command\n"
            "from referrals import delivery, lanes, sending\n"
            "def say(word):\n"
            "    print(word + '\\n', end='', flush=True)\n"  # at one go: others print too
            "def begin(claimed, transport):\n"
            "    say('begun')\n"
            "    coming = Future()\n"
            "    Timer(0.5, coming.set_result, [None]).start()\n"
            "    return coming\n"
            "def conclude(claimed, coming, go_on):\n"
            "    say('finished')\n"
            "    return SimpleNamespace(kind=''), delivery.Finished(False, True)\n"
            "delivery.give_up = lambda: None\n"
            "delivery.overdue = lambda: list(range(50))\n"
            "delivery.claim_next = lambda pharmacy_id: SimpleNamespace(message=None)\n"
            "lanes._FAILURES = SimpleNamespace(first=lambda id: (0,))\n"
            "lanes.MOST[lanes.Lane.DUE] = 4\n"
            "sending.begin, sending.conclude = begin, conclude\n"
            "call_command('rescue')\n"
        )
        command = [sys.executable, "-c", script]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as rescuer:
            assert rescuer.stdout
            said = [rescuer.stdout.readline().strip()]
            rescuer.terminate()
            try:
                assert rescuer.wait(timeout=20) == 0
            finally:
                rescuer.kill()
            said += rescuer.stdout.read().split()
        assert said.count("finished") == said.count("begun") <= 8


def test_draw_states_prints_the_picture() -> None:
    assert "draft --> sending: submitted" in run("draw_states")
