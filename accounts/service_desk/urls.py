"""The addresses of the service desk."""

from django.urls import path

from accounts.service_desk.views import (
    activation,
    addresses,
    administrator,
    approve,
    carry_out,
    cases,
    desk,
    desk_lists,
    emails,
    not_me,
    people,
    practices,
    refuse,
    reset,
    take_back,
    unlock,
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
    path("desk/people/<int:number>/reset/", reset.open_reset, name="open-reset"),
    path(
        "desk/people/<int:number>/activation/",
        activation.open_activation,
        name="open-activation",
    ),
    path("desk/people/<int:number>/unlock/", unlock.open_unlock, name="open-unlock"),
    path("desk/places/<int:number>/administrator/", administrator.promote, name="promote"),
    path("desk/cases/<int:number>/", cases.case, name="case"),
    path("desk/cases/<int:number>/approve/", approve.approve, name="approve-case"),
    path("desk/cases/<int:number>/refuse/", refuse.refuse, name="refuse-case"),
    path("desk/cases/<int:number>/carry-out/", carry_out.carry_out, name="carry-out-case"),
    path("desk/addresses/", addresses.allow, name="allow-address"),
    path(
        "desk/addresses/<int:number>/take-back/",
        take_back.take_back,
        name="take-back-address",
    ),
    path("not-me/", not_me.not_me, name="not-me"),
]
