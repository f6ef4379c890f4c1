"""A region in which every part says something."""

from datetime import UTC, datetime

from support.region.content import (
    AppDevice,
    Approval,
    ApprovedApp,
    LegalText,
    Notice,
    NoticeKind,
    PharmacySystem,
    Region,
    SupportContact,
)

DESK = SupportContact(
    name="PharmRefer desk",
    phone="01632 960 400 (option 2)",
    email="help@desk.example",
    website="https://desk.example/",
    hours="Weekdays",
    helps_with="PharmRefer.",
)
PHONE_APP = ApprovedApp(
    name="Microsoft Authenticator",
    on={
        AppDevice.SUPPLIED_PHONE: Approval.SUPPORTED,
        AppDevice.OWN_DEVICE: Approval.UNSUPPORTED,
    },
)
DESKTOP_APP = ApprovedApp(
    name="2FAST", on={AppDevice.SUPPLIED_DESKTOP: Approval.SUPPORTED}, note="Ask for it."
)
SUMMER = datetime(2026, 7, 1, 17, tzinfo=UTC)  # 6pm in London
NOTICE = Notice(
    kind=NoticeKind.PLANNED_WORK,
    title="Off on Sunday",
    text='Drafts are kept.\n\nWe say """sorry""" \\ thank you.',
    starts_at=SUMMER,
    ends_at=datetime(2026, 12, 6, 9, tzinfo=UTC),
)
FULL = Region(
    name="Westmere and Vale",
    service_desk=DESK,
    local_it=SupportContact(name="Local IT", phone="01632 960 450"),
    escalation=SupportContact(name="Integration manager", email="manager@region.example"),
    administrator_helps_with="Your own login.",
    apps=(PHONE_APP, DESKTOP_APP),
    notices=(NOTICE,),
    pharmacy_systems=(PharmacySystem(host="api.example", name="The pharmacies' system"),),
    legal=LegalText(
        controller="Your practice",
        data_protection_email="dpo@region.example",
        accessibility_email="access@region.example",
        privacy="One.\n\nTwo.",
        accessibility="Email us.",
    ),
)
