"""Where postcodes are, on the plane of the Ordnance Survey's grid: metres east and north."""

from typing import Any

from django.db import models
from django.db.models import Func
from django.db.models.functions import Coalesce

from accounts.prepared import Given
from referrals import postcodes

METRES_IN_A_MILE = 1609.344


class Postcode(models.Model):
    """One that the Office for National Statistics lists, also if it is no longer in use."""

    code = models.CharField(max_length=7, primary_key=True, help_text="without its space")
    easting = models.IntegerField(help_text="metres")
    northing = models.IntegerField(help_text="metres")

    def __str__(self) -> str:
        return self.code


def key(typed: str) -> str:
    # As the table has it, or "" where it is none.
    try:
        return postcodes.clean(typed).replace(" ", "")
    except postcodes.NotAPostcodeError:
        return ""


def point(east: str, north: str) -> Func:
    return Func(*(east, north), function="point", output_field=models.TextField())


class Metres(Func):
    """From one point to another; nothing where one of them is not known."""

    template = "(%(expressions)s)"
    arg_joiner = " <-> "
    output_field = models.FloatField()


def metres_from(*codes: str | Given) -> Metres:
    """Return how far a row is from the first of these postcodes that is known."""
    points = [_point_of(code) for code in codes]
    origin = Coalesce(*points, output_field=models.TextField()) if points[1:] else points[0]
    return Metres(point("easting", "northing"), origin)


def _point_of(code: str | Given) -> models.Subquery:
    found: Any = Postcode.objects.filter(pk=code).annotate(at=point("easting", "northing"))
    return models.Subquery(found.values("at"))
