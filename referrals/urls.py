"""The addresses of referrals. They name a referral by a random number, never by its patient."""

from django.urls import path

from referrals.views import (
    access_log,
    again,
    clinical_content,
    delete,
    draft,
    drafts,
    edit,
    hand_over,
    home,
    new,
    paste,
    pharmacies,
    printed,
    progress,
    referral,
    send,
    sent,
    settings,
    slip,
    urgent,
)

app_name = "referrals"
urlpatterns = [
    path("", home.home, name="home"),
    path("urgent/", urgent.urgent, name="urgent"),
    path("drafts/", drafts.drafts, name="drafts"),
    path("sent/", sent.sent, name="sent"),
    path("new/", new.new, name="new"),
    path("hand-over/<int:number>/", hand_over.hand_over, name="hand-over"),
    path("pharmacies/", pharmacies.pharmacies, name="pharmacies"),
    path("looks/<int:number>/", access_log.person, name="looks-of-person"),
    path("<uuid:referral_id>/", referral.referral, name="referral"),
    path("<uuid:referral_id>/edit/", edit.edit, name="edit"),
    path("<uuid:referral_id>/draft/", draft.draft, name="draft"),
    path("<uuid:referral_id>/paste/", paste.paste, name="paste"),
    path("<uuid:referral_id>/delete/", delete.delete, name="delete"),
    path("<uuid:referral_id>/again/", again.again, name="again"),
    path("<uuid:referral_id>/send/", send.send, name="send"),
    path("<uuid:referral_id>/progress/", progress.progress, name="progress"),
    path("<uuid:referral_id>/printed/", printed.printed, name="printed"),
    path("<uuid:referral_id>/slip/", slip.slip, name="slip"),
    path("<uuid:referral_id>/looks/", access_log.access_log, name="looks"),
]

# Of the practice itself: a space of their own, for they are no referral's.
practice = [
    path("settings/", settings.settings, name="settings"),
    path("settings/pharmacies/", pharmacies.usual, name="usual"),
]

# Of operators.
clinical = [
    path("", clinical_content.clinical_content, name="content"),
    path("<int:number>/", clinical_content.pack, name="pack"),
    *(
        path(f"<int:number>/{each}/", clinical_content.decide, {"action": each}, name=each)
        for each in clinical_content.ACTIONS
    ),
]
