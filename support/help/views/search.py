"""Search over help, open to everyone.

What people type may be a patient's name: it comes as a form, so that it stands in no address and
no log, and nothing stores it.
"""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from accounts.web import access
from accounts.web.access import VisitorRequest
from accounts.web.pages import for_forms, posted
from support.help import tree
from support.help.forms import SearchForm
from support.help.search import find


# A search changes nothing, and is for those too whose browser takes no cookies.
@csrf_exempt
@access.everyone
@for_forms
def search(request: VisitorRequest) -> HttpResponse:
    form = SearchForm(posted(request))
    found = find(form.cleaned_data["words"]) if form.is_valid() else None
    status = 422 if form.errors else 200
    context = {"form": form, "found": found, "roots": tree.ROOTS}
    return render(request, "support/help/search.html", context, status=status)
