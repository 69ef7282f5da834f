"""How values look in JSON, and how the schema says so: one pair for each kind of value."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, inline_serializer
from rest_framework import serializers

from apps.edges.cursors import Listing
from apps.edges.filters import Param


def amount(value: Decimal | None) -> str | None:
    """Return money, a price or a quantity as plain digits, without zeros that a column's scale adds."""
    if value is None:
        return None
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def instant(at: datetime | None) -> str | None:
    """Return a moment in UTC with milliseconds and `Z`."""
    if at is None:
        return None
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


@extend_schema_field({"type": "string", "format": "decimal"})
class Amount(serializers.CharField):
    """Money, a price or a quantity: a decimal as text."""


class Instant(serializers.DateTimeField):
    """A moment: RFC 3339 in UTC."""


def ref(name: str) -> dict[str, str]:
    """Name a component that another app's edge describes, for a field or an answer by its status."""
    return {"$ref": f"#/components/schemas/{name}"}


def described(params: Iterable[Param]) -> list[OpenApiParameter]:
    """Return parameters for the schema."""
    return [param.described() for param in params]


def paged(
    shape: type[serializers.Serializer[Any]], listing: Listing, summary: str
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Describe a view's `get` as a list with cursors."""
    name = shape.__name__.removesuffix("Serializer")
    page = inline_serializer(
        name=f"{name}Page",
        fields={
            "next": serializers.CharField(allow_null=True, help_text="Address of the page after this one."),
            "previous": serializers.CharField(allow_null=True),
            "results": shape(many=True),
        },
    )
    return extend_schema(summary=summary, parameters=described(listing.all_params), responses=page)


def plain_list(
    shape: type[serializers.Serializer[Any]], summary: str, params: Iterable[Param] = ()
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Describe a view's `get` as a list that is always whole."""
    return extend_schema(summary=summary, parameters=described(params), responses=shape(many=True))
