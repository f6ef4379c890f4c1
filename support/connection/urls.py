"""The addresses of the connection test."""

from django.urls import path

from support.connection.views import (
    answer,
    clock,
    connection,
    cookies,
    expected,
    result,
    upload,
)

urlpatterns = [
    path("", connection.connection, name="connection"),
    path("answer/<int:number>/", answer.answer, name="connection-answer"),
    path("clock/", clock.clock, name="connection-clock"),
    path("cookies/", cookies.connection_cookies, name="connection-cookies"),
    path("expected/", expected.expected, name="connection-expected"),
    path("result/", result.result, name="connection-result"),
    path("upload/", upload.upload, name="connection-upload"),
]
