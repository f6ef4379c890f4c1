"""Queries that are compiled once: they answer as the queryset would, whatever values they get."""

import uuid
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.db.models import F
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models.people import Membership, Practice, User
from accounts.models.sessions import Session
from accounts.prepared import Given, Prepared, delete, insert, is_any_of, key_of, update
from accounts.roles import Role
from referrals.models.pharmacies import Pharmacy
from referrals.models.referrals import Referral
from tests import factories

pytestmark = pytest.mark.django_db


def test_it_is_compiled_once_and_asked_with_other_values() -> None:
    made = []

    def make() -> Any:
        made.append(1)
        return Practice.objects.filter(ods_code=Given("code"))

    query = Prepared(make)
    assert made == []  # not before the first question
    first, second = factories.practice(), factories.practice()
    assert query.first(code=first.ods_code) == first
    assert query.rows(code=second.ods_code) == [second]
    assert query.first(code="nobody's") is None
    assert made == [1]


def test_a_value_that_is_forgotten_is_noticed() -> None:
    query = Prepared(lambda: Practice.objects.filter(ods_code=Given("code")))
    with pytest.raises(KeyError, match="code"):
        query.rows(name="Larkfield")


def test_any_of_a_list_is_one_value() -> None:
    query = Prepared(lambda: Practice.objects.filter(is_any_of("id", "ids")).order_by("pk"))
    first, second, _third = (factories.practice() for _ in range(3))
    assert query.rows(ids=[second.pk, first.pk]) == [first, second]
    assert query.rows(ids=[]) == []


def test_annotations_are_there_as_the_queryset_has_them() -> None:
    factories.practice()
    practices = Practice.objects.annotate(double=F("pk") * 2, called=F("name"))
    query = Prepared(lambda: practices.filter(ods_code=Given("code")).select_related("icb"))
    [expected] = practices
    found: Any = query.first(code=expected.ods_code)
    assert (found.double, found.called) == (expected.double, expected.called)
    assert found.icb == expected.icb


def test_what_is_typed_stays_a_value() -> None:
    query = Prepared(lambda: Practice.objects.filter(name=Given("name")))
    practice = factories.practice(name="100% O'Neil's \\ %s \"Surgery\"")
    assert query.first(name=practice.name) == practice
    assert query.first(name="' OR '1'='1") is None


def test_a_value_may_be_asked_for_twice_beside_fixed_ones() -> None:
    query = Prepared(
        lambda: Practice.objects.filter(name=Given("text"), ods_code__gt="A").exclude(
            address=Given("text")
        )
    )
    practice = factories.practice(name="Larkfield")
    assert query.rows(text="Larkfield") == [practice]
    Practice.objects.update(address="Larkfield")
    assert query.rows(text="Larkfield") == []


def test_what_is_related_comes_along_and_what_is_missing_is_none() -> None:
    query = Prepared(
        lambda: Membership.objects.filter(role=Given("role")).select_related(
            "user", "practice__icb"
        )
    )
    receptionist = factories.member()
    desk = factories.active_person(role=Role.SERVICE_DESK)
    with CaptureQueriesContext(connection) as queries:
        (found,) = query.rows(role=Role.STAFF)
        assert found == receptionist
        assert found.user.email == receptionist.user.email
        assert found.practice
        assert found.practice.icb.name == "Westmere"
        (of_the_desk,) = query.rows(role=Role.SERVICE_DESK)
        assert of_the_desk.user == desk
        assert of_the_desk.practice is None
    assert len(queries) == 2


def test_rows_are_real_ones_that_can_be_saved() -> None:
    practice = factories.practice()
    found = Prepared(lambda: Practice.objects.filter(pk=Given("id"))).first(id=practice.pk)
    assert found
    found.name = "Renamed"
    found.save()
    assert Practice.objects.get().name == "Renamed"


def test_what_is_deferred_is_fetched_when_it_is_asked_for() -> None:
    practice = factories.practice()
    query = Prepared(lambda: Practice.objects.filter(pk=Given("id")).defer("address"))
    found = query.first(id=practice.pk)
    assert found
    assert "address" not in found.__dict__
    assert found.address == practice.address


def test_a_list_of_values_has_the_order_in_which_they_were_named() -> None:
    practice = factories.practice()
    query = Prepared(
        lambda: Practice.objects.filter(pk=Given("id")).values_list(
            "phone", "icb__name", "pk", F("name")
        )
    )
    assert query.rows(id=practice.pk) == [
        (practice.phone, "Westmere", practice.pk, practice.name),
    ]


def test_the_beginning_of_a_text_is_no_pattern() -> None:
    query = Prepared(lambda: Pharmacy.objects.filter(postcode__startswith=Given("prefix")))
    pharmacy = factories.pharmacy(postcode="WM1 3DE")
    assert query.rows(prefix="WM1 ") == [pharmacy]
    assert query.rows(prefix="W%1 ") == []
    assert query.rows(prefix="W_1 ") == []


def test_a_new_row_is_stored_with_every_column() -> None:
    session = Session(
        key_hash=b"\x00" * 32,
        user=(member := factories.member()).user,
        session_epoch=7,
        created_at=timezone.now(),
        authenticator=member.user.authenticators.get(),
        membership=member,
        last_seen_at=timezone.now(),
        address="192.0.2.7",
        browser="Firefox",
    )
    insert(session)
    stored = Session.objects.get()
    names = [field.attname for field in Session._meta.concrete_fields if field.name != "id"]
    assert [getattr(stored, name) for name in names] == [getattr(session, name) for name in names]


def test_a_new_row_keeps_the_key_that_it_was_given() -> None:
    by = factories.member()
    assert by.practice
    referral = Referral(
        pk=uuid.uuid4(),
        practice=by.practice,
        author=by.user,
        created_at=timezone.now(),
        sealed_details=b"",
        is_complete=True,
        saved_at=timezone.now(),
        saved_sequence=0,
    )
    insert(referral)
    assert Referral.objects.get() == referral


def test_it_goes_on_as_it_began_when_the_server_has_planned_it() -> None:
    query = Prepared(
        lambda: Practice.objects.filter(name=Given("name"), ods_code__gt=Given("code"))
    )
    practice = factories.practice(name="Larkfield")
    for number in range(12):  # planned after five, and then for any value
        name = "Larkfield" if number % 2 else "Elsewhere"
        assert query.rows(name=name, code="") == ([practice] if number % 2 else [])
    assert query.rows(name=None, code="") == []


def test_rows_are_locked_in_a_transaction_only(monkeypatch: pytest.MonkeyPatch) -> None:
    query = Prepared(lambda: User.objects.select_for_update().filter(email=Given("email")))
    with transaction.atomic():
        assert query.first(email="nobody@larkfield.example") is None
    # The test itself is in one.
    monkeypatch.setattr(connections["default"], "in_atomic_block", False)
    with pytest.raises(TransactionManagementError):
        query.first(email="nobody@larkfield.example")


def test_what_would_not_be_the_queryset_s_rows_is_refused() -> None:
    query = Prepared(lambda: User.objects.values_list("email", flat=True))
    with pytest.raises(AssertionError):
        query.rows()


def test_a_new_row_is_not_stored_again_when_it_is_saved() -> None:
    practice = factories.practice()
    other = Practice(
        **{
            field.attname: getattr(practice, field.attname)
            for field in Practice._meta.concrete_fields
            if field.name != "id"
        }
        | {"ods_code": "Z99999"}
    )
    insert(other)
    assert not other._state.adding


def test_some_fields_of_a_row_are_stored_and_nothing_else() -> None:
    practice, other = factories.practice(name="Larkfield"), factories.practice(name="Elsewhere")
    practice.name, practice.phone = "Larkfield Surgery", "not stored"
    update(practice, "name")
    practice.refresh_from_db()
    other.refresh_from_db()
    assert (practice.name, practice.phone) == ("Larkfield Surgery", other.phone)
    assert other.name == "Elsewhere"


def test_one_row_is_deleted_and_nothing_else() -> None:
    practice, other = factories.practice(), factories.practice()
    delete(practice)
    assert Practice.objects.get() == other


def test_the_key_of_a_model_is_the_field_that_tells_its_rows_apart() -> None:
    practice = factories.practice()
    assert key_of(Practice).attname == "id"
    assert getattr(practice, key_of(Practice).attname) == practice.pk
