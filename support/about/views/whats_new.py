"""What is new in PharmRefer, for the role of who asks; who has opened it has seen it."""

from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.web import access
from accounts.web.access import VisitorRequest
from accounts.web.pages import for_forms
from support.about import release_notes
from support.about.release_notes import PART_OF, ReleasePart


@access.everyone
@for_forms
def whats_new(request: VisitorRequest) -> HttpResponse:
    release_notes.mark_seen(request.actor)
    if request.method == "POST":
        return redirect("home")
    session = request.signed_in
    parts = [PART_OF[session.role]] if session else list(ReleasePart)
    context = {"releases": release_notes.releases(), "parts": parts}
    return render(request, "support/about/whats_new.html", context)
