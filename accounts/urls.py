"""The addresses of accounts, room by room."""

from accounts.people.urls import urlpatterns as people
from accounts.service_desk.urls import urlpatterns as service_desk
from accounts.sign_in.urls import urlpatterns as sign_in

app_name = "accounts"
urlpatterns = [*sign_in, *people, *service_desk]
