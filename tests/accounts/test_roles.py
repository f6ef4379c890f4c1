"""The table of roles is whole."""

import pytest

from accounts.roles import GRANTS, LABELS, Permission, Role, may


def test_every_role_is_in_the_table_and_has_a_name() -> None:
    assert set(GRANTS) == set(LABELS) == set(Role)


def test_every_permission_is_granted_to_a_role() -> None:
    assert set().union(*GRANTS.values()) == set(Permission)


@pytest.mark.parametrize("role", Role)
def test_a_role_may_what_the_table_says_and_nothing_else(role: Role) -> None:
    assert {permission for permission in Permission if may(role, permission)} == GRANTS[role]


def test_the_service_desk_and_operators_are_in_no_practice() -> None:
    assert {role for role in Role if not role.is_in_a_practice} == {
        Role.SERVICE_DESK,
        Role.OPERATOR,
    }
