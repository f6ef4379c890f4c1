"""Keys are rotated: every sealed column, nothing lost, whatever happens meanwhile."""

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db.models import BinaryField, Model
from django.test import override_settings
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts import encryption, notices
from accounts.models.credentials import Authenticator
from accounts.models.mail import Mail
from accounts.models.passkeys import Challenge, Passkey
from referrals import rotation
from referrals.models.messages import Message
from referrals.models.referrals import Referral
from referrals.rotation import COLUMNS, Column
from tests import factories
from tests.referrals.rotation_keys import AFTER, BEFORE, DURING

OTHER = bytes(range(64, 96))
SECRETS = COLUMNS[0]
RECEIPT = b'{"resourceType": "Bundle"}'


def test_every_sealed_column_is_listed() -> None:
    """A column of bytes is encrypted, or named a hash, or nothing that would have to be."""
    kept = {
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, BinaryField) and not field.name.endswith("hash")
    }
    public = {(Passkey, "credential_id"), (Passkey, "public_key"), (Challenge, "challenge")}
    assert kept - public == {(column.model, column.name) for column in COLUMNS}


def run(*options: str) -> tuple[str, str]:
    """Rotate; return what is said on standard output and, in the end, on standard error."""
    output, errors = StringIO(), StringIO()
    try:
        call_command("rotate_secrets", *options, stdout=output, stderr=errors)
    except CommandError as error:
        errors.write(f"CommandError: {error}")
    return output.getvalue(), errors.getvalue()


def sealed(column: Column) -> dict[Any, bytes]:
    """Return what stands in a column, by primary key."""
    rows = column.model._base_manager.values_list("pk", column.name)
    return {pk: bytes(value) for pk, value in rows if value is not None}


def referrals(count: int) -> None:
    """Make referrals on their way, each with a receipt, by a user with an authenticator."""
    by, to = factories.member(), factories.pharmacy()
    now = timezone.now()
    notices.password_changed(by.user, now=now)
    for _ in range(count):
        factories.sent(by=by, to=to)
    for message in Message.objects.all():
        message.sealed_receipt = message.seal_receipt(RECEIPT)
        message.save()


def authenticators(count: int) -> list[Authenticator]:
    return [factories.authenticator(factories.person()) for _ in range(count)]


@pytest.mark.django_db
class TestRotate:
    """One run that nobody disturbs."""

    @pytest.fixture(autouse=True)
    def _keys(self) -> Iterator[None]:
        """Begin with rows that the old key has sealed; what a test calls has both."""
        with override_settings(FIELD_KEYS=BEFORE):
            referrals(2)
        with override_settings(FIELD_KEYS=DURING):
            yield

    def contents(self) -> list[Any]:
        everything: list[Any] = [each.secret for each in Authenticator.objects.order_by("pk")]
        everything += [each.read() for each in Mail.objects.order_by("pk")]
        everything += [each.details for each in Referral.objects.order_by("pk")]
        for each in Message.objects.order_by("pk"):
            everything += [each.headers, each.body, each.receipt]
        return everything

    def test_the_old_key_is_needed_no_more_and_all_is_as_it_was(self) -> None:
        before = self.contents()
        assert RECEIPT in before
        said, complained = run()
        assert not complained
        for column, count in zip(COLUMNS, (1, 1, 2, 2, 2, 2), strict=True):
            assert f"{column}: {count} changed; {count} with key 2\n" in said
        assert said.endswith(
            "Older keys that are in use: none. Keys that may be taken out of FIELD_KEYS: 1.\n"
        )
        with override_settings(FIELD_KEYS=AFTER):
            assert self.contents() == before

    def test_no_other_column_changes(self) -> None:
        sealed_names = {column.name for column in COLUMNS}
        models: list[type[Model]] = [Authenticator, Mail, Referral, Message]

        def others() -> list[dict[str, Any]]:
            rows = [row for model in models for row in model._base_manager.order_by("pk").values()]
            return [
                {name: value for name, value in row.items() if name not in sealed_names}
                for row in rows
            ]

        before = others()
        run()
        assert others() == before

    def test_a_second_time_nothing_is_changed(self) -> None:
        run()
        before = [sealed(column) for column in COLUMNS]
        said, _ = run()
        assert said.count(": 0 changed; ") == len(COLUMNS)
        assert [sealed(column) for column in COLUMNS] == before

    def test_it_goes_on_page_after_page(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(rotation, "AT_ONCE", 2)
        with override_settings(FIELD_KEYS=BEFORE):
            authenticators(4)
        assert "secret: 5 changed; 5 with key 2" in run()[0]

    @pytest.mark.parametrize("column", COLUMNS, ids=str)
    def test_a_page_is_changed_in_one_statement(
        self, column: Column, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        with override_settings(FIELD_KEYS=BEFORE):
            referrals(3)
        # The page, a savepoint, locks, the change, the savepoint's end; and that it was the last.
        with django_assert_num_queries(6):
            assert rotation.pass_over(column, tell=lambda _: None, change=True).changed

    def test_to_check_is_to_change_nothing(self) -> None:
        factories.sent()
        before = [sealed(column) for column in COLUMNS]
        said, complained = run("--check")
        assert not complained
        assert "referrals_referral.sealed_details: 2 with key 1, 1 with key 2\n" in said
        assert said.endswith(
            "Older keys that are in use: 1. Keys that may be taken out of FIELD_KEYS: none.\n"
        )
        assert [sealed(column) for column in COLUMNS] == before
        run()
        assert "Keys that may be taken out of FIELD_KEYS: 1." in run("--check")[0]

    @pytest.mark.parametrize("column", COLUMNS, ids=str)
    def test_a_key_that_one_column_needs_may_not_go(self, column: Column) -> None:
        before = sealed(column)
        run()
        for row, value in before.items():
            column.model._base_manager.filter(pk=row).update(**{column.name: value})
        assert "Older keys that are in use: 1." in run("--check")[0]

    def test_where_nothing_is_sealed_every_older_key_may_go(self) -> None:
        Message.objects.update(sealed_receipt=None)
        Mail.objects.update(sealed_words=b"")  # as after it has been sent
        said, complained = run()
        assert "accounts_mail.sealed_words: 0 changed; no rows" in said
        assert "referrals_message.sealed_receipt: 0 changed; no rows" in said
        assert not complained

    def test_progress_is_told_on_standard_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("referrals.management.commands.rotate_secrets.TOLD_EVERY", 0.0)
        _, told = run()
        words = "referrals_referral.sealed_details: 2 rows looked at, 2 changed, 0 held by others"
        assert words in told


@pytest.mark.django_db
class TestWhatDoesNotOpen:
    """It is named, left as it is, and stops nothing else."""

    def rotated(self, spoilt: Authenticator, value: bytes) -> str:
        """Rotate where one row was spoilt; return the complaint."""
        Authenticator.objects.filter(pk=spoilt.pk).update(sealed_secret=value)
        with override_settings(FIELD_KEYS=DURING):
            said, complained = run()
        assert sealed(SECRETS).pop(spoilt.pk) == value
        numbers = [each[0] for pk, each in sealed(SECRETS).items() if pk != spoilt.pk]
        assert numbers == [2, 2]
        assert "secret: 2 changed" in said
        assert complained.endswith("CommandError: Not everything was done: see above.")
        assert "accounts_authenticator.sealed_secret: 1 " in complained
        assert said.endswith("FIELD_KEYS: 1.\n") == (value[:1] != b"\x01")
        return complained

    @pytest.fixture
    def three(self) -> list[Authenticator]:
        with override_settings(FIELD_KEYS=BEFORE):
            return authenticators(3)

    def test_a_damaged_row(self, three: list[Authenticator]) -> None:
        value = bytearray(three[1].sealed_secret)
        value[20] ^= 1
        words = self.rotated(three[1], bytes(value))
        assert f"1 do not open with key 1 and were left alone: {three[1].pk}." in words

    def test_a_row_that_was_cut_off(self, three: list[Authenticator]) -> None:
        words = self.rotated(three[1], bytes(three[1].sealed_secret)[:9])
        assert "1 do not open with key 1 and were left alone" in words

    def test_another_persons_secret(self, three: list[Authenticator]) -> None:
        words = self.rotated(three[1], bytes(three[0].sealed_secret))
        assert "1 do not open with key 1 and were left alone" in words

    def test_a_key_that_is_missing(self, three: list[Authenticator]) -> None:
        with override_settings(FIELD_KEYS={9: OTHER}):
            value = encryption.seal(b"secret", belongs_to=three[1].owner)
        assert "1 with key 9, which FIELD_KEYS has not" in self.rotated(three[1], value)

    def test_of_many_a_few_are_named(self) -> None:
        with override_settings(FIELD_KEYS={1: OTHER}):
            made = authenticators(6)
        with override_settings(FIELD_KEYS=DURING):
            _, complained = run()
        named = ", ".join(str(each.pk) for each in made[:5])
        assert f"6 do not open with key 1 and were left alone: {named} …." in complained
        assert str(made[5].pk) not in complained.split(named)[1].split("They")[0]

    def test_a_program_that_still_seals_with_the_old_key_is_noticed(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with override_settings(FIELD_KEYS=BEFORE):
            made = factories.authenticator(factories.person())
        passes = []

        def undo(found: rotation.ColumnCheck) -> None:
            passes.append(found)
            Authenticator.objects.update(sealed_secret=made.sealed_secret)

        with override_settings(FIELD_KEYS=DURING):
            changed, last = rotation.rotate(SECRETS, tell=undo)
            assert (changed, len(passes)) == (rotation.MOST_ROUNDS, rotation.MOST_ROUNDS)
            assert not last.is_settled
            monkeypatch.setattr(rotation, "rotate", lambda *_, **__: (changed, last))
            said, complained = run()
        assert "Restart every program with the FIELD_KEYS of now" in complained
        assert "Older keys that are in use: 1." in said
