"""Support codes: for an hour, what the service desk needs to know of a page that troubles someone.

Nothing about patients: a page is the name of its route.
"""

from datetime import timedelta

from django.db import models

from accounts.models.people import User
from accounts.origin import LONGEST_BROWSER


class WhoAsks(models.TextChoices):
    """How far someone who asks for a support code has logged in."""

    SIGNED_IN = "signed_in", "Logged in"
    LOCKED = "locked", "Logged in, and the screen is locked"
    CODE = "code", "Logging in: the password was right, and a code is asked for"
    ACTIVATION = "activation", "Logging in: an activation code is asked for"
    PASSWORD = "password", "Activating the account: a password is to be chosen"
    SET_UP = "set_up", "Setting up an authenticator app"
    NOBODY = "nobody", "Not logged in"


class SupportCode(models.Model):
    """The code itself is not stored: a copy of the database lets nobody pass for the caller."""

    LIFETIME = timedelta(hours=1)

    code_hash = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    page = models.CharField(max_length=80, blank=True, help_text="the route's name, if known")
    said = models.CharField(max_length=30, blank=True, help_text="of Topic or Ended")
    who_asks = models.CharField(max_length=20, choices=WhoAsks.choices)
    person = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    user_name = models.CharField(max_length=254, blank=True, help_text="as typed, unchecked")
    address = models.GenericIPAddressField(null=True)
    browser = models.CharField(max_length=LONGEST_BROWSER)
    has_cookies = models.BooleanField(help_text="whether the browser sends back what it was given")
    has_scripts = models.BooleanField()
    figures = models.TextField(
        blank=True, help_text="JSON of support.connection.figures.Figures; empty if not measured"
    )

    def __str__(self) -> str:
        return f"{self.pk}, made at {self.made_at}"
