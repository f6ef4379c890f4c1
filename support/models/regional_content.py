"""Regional content: a row a version, the last of which counts; none is ever changed."""

from typing import ClassVar

from django.db import models

from accounts.models.people import User


class RegionalContent(models.Model):
    content = models.TextField(help_text="JSON, as support.region.content writes it")
    saved_at = models.DateTimeField()
    # Nobody where it was loaded at the console.
    saved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    summary = models.CharField(max_length=200, help_text="what was changed")

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"version {self.pk}"
