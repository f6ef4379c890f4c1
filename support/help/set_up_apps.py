"""The authenticator apps whose steps the set-up page shows: those that are approved first."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from support.region.content import AppDevice, Approval, ApprovedApp, Region

OTHER = "other"
NAMES = {"microsoft-authenticator": "Microsoft Authenticator", "twofast": "2FAST"}
DEVICES = {
    AppDevice.SUPPLIED_PHONE: "work phones",
    AppDevice.SUPPLIED_DESKTOP: "work computers",
    AppDevice.OWN_DEVICE: "your own device",
}


@dataclass(frozen=True)
class SetUpApp:
    key: str  # its steps are templates/support/help/steps/<key>.html
    name: str
    approval: str = ""  # what the region says of it
    is_approved: bool = False
    is_chosen: bool = False


def _allowed_on(app: ApprovedApp) -> list[str]:
    return [
        words
        for device, words in DEVICES.items()
        if app.on.get(device, Approval.NOT_ALLOWED) is not Approval.NOT_ALLOWED
    ]


def _known(region: Region) -> Iterator[SetUpApp]:
    said = {app.name.casefold(): app for app in region.apps}
    for key, name in NAMES.items():
        app = said.get(name.casefold())
        devices = _allowed_on(app) if app else []
        approval = f"Approved for {' and '.join(devices)}" if devices else ""
        if region.apps and not devices:
            approval = "Not approved here"
        yield SetUpApp(key, name, approval, is_approved=bool(devices))


def _another(region: Region) -> SetUpApp:
    ours = {name.casefold() for name in NAMES.values()}
    others = [
        app.name for app in region.apps if app.name.casefold() not in ours and _allowed_on(app)
    ]
    approval = f"Approved here: {', '.join(others)}" if others else ""
    return SetUpApp(OTHER, "Another app", approval)


def set_up_apps(region: Region, chosen: str | None) -> list[SetUpApp]:
    """Return the apps in the order of the page; the first is chosen where nothing else was."""
    known = sorted(_known(region), key=lambda app: not app.is_approved)
    apps = [*known, _another(region)]
    shown = chosen if chosen in {app.key for app in apps} else apps[0].key
    return [replace(app, is_chosen=app.key == shown) for app in apps]
