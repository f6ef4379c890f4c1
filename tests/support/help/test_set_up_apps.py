"""Which apps' steps the set-up page shows, and what it says of them."""

import pytest

from pharmrefer.local import ROOT
from support.help.set_up_apps import NAMES, OTHER, set_up_apps
from support.region.content import NOTHING, AppDevice, Approval, ApprovedApp, Region

WORK_PHONE = {AppDevice.SUPPLIED_PHONE: Approval.SUPPORTED}


def region(**apps: dict[AppDevice, Approval]) -> Region:
    named = {"twofast": "2fast", "other": "Aegis Keys"}
    return Region(
        apps=tuple(ApprovedApp(name=named.get(key, key), on=on) for key, on in apps.items())
    )


def said(region: Region) -> dict[str, str]:
    return {app.key: app.approval for app in set_up_apps(region, None)}


def test_where_a_region_says_nothing_no_app_is_called_approved() -> None:
    assert said(NOTHING) == {"microsoft-authenticator": "", "twofast": "", "other": ""}


def test_what_is_approved_comes_first_and_is_said_with_its_devices() -> None:
    on = {
        AppDevice.SUPPLIED_DESKTOP: Approval.SUPPORTED,
        AppDevice.SUPPLIED_PHONE: Approval.NOT_ALLOWED,
        AppDevice.OWN_DEVICE: Approval.UNSUPPORTED,
    }
    assert list(said(region(twofast=on)).items()) == [
        ("twofast", "Approved for work computers and your own device"),
        ("microsoft-authenticator", "Not approved here"),
        ("other", ""),
    ]


def test_another_app_that_is_approved_is_named() -> None:
    nowhere = {AppDevice.OWN_DEVICE: Approval.NOT_ALLOWED}
    assert said(region(other=WORK_PHONE))["other"] == "Approved here: Aegis Keys"
    assert said(region(other=nowhere))["other"] == ""


@pytest.mark.parametrize(
    ("chosen", "shown"),
    [("other", "other"), ("microsoft-authenticator", "microsoft-authenticator"), ("x", "twofast")],
)
def test_the_chosen_app_is_shown_or_else_the_first(chosen: str, shown: str) -> None:
    apps = set_up_apps(region(twofast=WORK_PHONE), chosen)
    assert [app.key for app in apps if app.is_chosen] == [shown]


@pytest.mark.parametrize("key", [*NAMES, OTHER])
def test_each_has_its_steps_and_is_the_only_one_seen_when_it_is_chosen(key: str) -> None:
    assert (ROOT / f"templates/support/help/steps/{key}.html").is_file()
    style = (ROOT / "pharmrefer/static/pharmrefer/app.css").read_text()
    assert f'[value="{key}"]:checked) .app-steps:not(.app-steps--{key})' in style
