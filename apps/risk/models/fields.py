"""How exact numbers are kept."""

from typing import Any

from django.db import models


def exact(**options: Any) -> "models.DecimalField[Any, Any]":
    """Return a column of 18 digits before and 10 after the point: money, shares and lots alike."""
    return models.DecimalField(max_digits=28, decimal_places=10, **options)


def plain(number: Any) -> str:
    """Write a stored number for a person: without the zeros that its column keeps."""
    return f"{number.normalize():f}"
