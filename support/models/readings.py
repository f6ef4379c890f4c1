"""What worked and what did not: a row a minute, and a row a day that counts the minutes."""

from django.db import models


class MinuteReading(models.Model):
    at = models.DateTimeField(primary_key=True, help_text="the minute, by the database's clock")
    parts = models.TextField(help_text="JSON, as support.status.parts writes it")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class DayOfReadings(models.Model):
    """So that a page reads 30 rows for 30 days, not 43,200."""

    on = models.DateField(primary_key=True, help_text="in London")
    minutes = models.TextField(help_text="JSON: how many, by part and state")

    def __str__(self) -> str:
        return str(self.on)


class WorkerSign(models.Model):
    """When a task of a queue was last done: that its worker takes tasks."""

    queue = models.CharField(primary_key=True, max_length=20)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.queue
