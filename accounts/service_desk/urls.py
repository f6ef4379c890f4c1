"""The addresses of the service desk."""

from django.urls import path

from accounts.service_desk.kinds import OF_ACCOUNTS
from accounts.service_desk.views import (
    addresses,
    administrator,
    carry_out,
    cases,
    desk,
    desk_lists,
    emails,
    not_me,
    people,
    practices,
    reset,
    take_back,
)

urlpatterns = [
    path("people/<int:number>/reset/", reset.reset_colleague, name="reset-colleague"),
    path("desk/", desk.desk, name="desk"),
    *(
        path(f"desk/{each}/", desk.desk_list, {"name": each}, name=f"desk-{each}")
        for each in desk_lists.LISTS
    ),
    path("desk/emails/", emails.emails, name="desk-emails"),
    path("desk/practices/<int:number>/", practices.practice, name="desk-practice"),
    path(
        "desk/practices/<int:number>/administrator/",
        administrator.new_administrator,
        name="new-administrator",
    ),
    path("desk/people/<int:number>/", people.person, name="desk-person"),
    *(
        path(
            f"desk/people/<int:number>/{kind.value}/",
            people.open_case,
            {"kind": kind},
            name=f"open-{kind.value}",
        )
        for kind in OF_ACCOUNTS
    ),
    path("desk/places/<int:number>/administrator/", administrator.promote, name="promote"),
    path("desk/cases/<int:number>/", cases.case, name="case"),
    *(
        path(
            f"desk/cases/<int:number>/{each}/",
            cases.decide,
            {"decision": each},
            name=f"{each}-case",
        )
        for each in cases.DECISIONS
    ),
    path("desk/cases/<int:number>/carry-out/", carry_out.carry_out, name="carry-out-case"),
    path("desk/addresses/", addresses.allow, name="allow-address"),
    path(
        "desk/addresses/<int:number>/take-back/",
        take_back.take_back,
        name="take-back-address",
    ),
    path("not-me/", not_me.not_me, name="not-me"),
]
