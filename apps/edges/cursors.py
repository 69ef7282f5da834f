"""Pages of lists that grow while they are read: a page begins after a row, never at a number.

Rows that are added or that change their state move no other row to another page.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import orjson
from django.db.models import Q, QuerySet
from rest_framework.request import Request

from apps.edges import filters, problems
from apps.edges.filters import Param

DEFAULT_LIMIT, MOST = 50, 500
FORWARD, BACK = "f", "b"
# What an ordering sorts by; rows of equal value stand in the order of their keys.
Orderings = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """How one list is read: its filters, and its orderings by name with the column of each, first the usual.

    `-` before a name turns it round, so only one way of each is named.
    """

    params: tuple[Param, ...] = ()
    orderings: Orderings
    default: str = "-id"

    @property
    def all_params(self) -> tuple[Param, ...]:
        ways = [way for name in self.orderings for way in (f"-{name}", name)]
        return (
            *self.params,
            filters.number("limit", least=1, most=MOST, default=DEFAULT_LIMIT, help="Rows a page."),
            filters.choice("ordering", ways, help=f"Newest first where a minus sign leads; {self.default}."),
            Param(
                name="cursor", help="Where the page begins: from `next` or `previous`, never made by hand."
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A row that a page begins after, in the direction of `way`."""

    way: str
    ordering: str
    value: Any
    key: int

    def text(self) -> str:
        value = self.value.astimezone(UTC).isoformat() if isinstance(self.value, datetime) else self.value
        packed = orjson.dumps([self.way, self.ordering, value, self.key])
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def page(
    request: Request,
    rows: QuerySet[Any, dict[str, Any]],
    listing: Listing,
    body: Callable[[dict[str, Any]], dict[str, Any]],
    *,
    also: Callable[[QuerySet[Any, dict[str, Any]], Mapping[str, Any]], QuerySet[Any, dict[str, Any]]]
    | None = None,
) -> dict[str, Any]:
    """Return one page of `rows`, which are `values()` with `id` and the columns of the orderings among them.

    Parameters without a lookup are `also`'s, which may narrow the rows. Raise a 400 problem for a parameter
    or a cursor that makes no sense.
    """
    values = filters.read(request.GET, listing.all_params)
    rows = rows.filter(**filters.conditions(values, listing.params))
    if also is not None:
        rows = also(rows, values)
    ordering = values.get("ordering", listing.default)
    place = _place(values["cursor"], ordering, listing) if "cursor" in values else None
    found, more = _fetch(rows, listing, ordering, place, values.get("limit", DEFAULT_LIMIT))
    first, last = _edges(found, listing, ordering, place)
    came_back = place is not None and place.way == BACK
    has_next = more if not came_back else True
    has_previous = place is not None if not came_back else more
    return {
        "next": _link(request, last) if has_next and last else None,
        "previous": _link(request, first) if has_previous and first else None,
        "results": [body(row) for row in found],
    }


def _fetch(
    rows: QuerySet[Any, dict[str, Any]], listing: Listing, ordering: str, place: Place | None, limit: int
) -> tuple[list[dict[str, Any]], bool]:
    """Return the rows of the page in the list's order, and whether there are more in its direction."""
    column, down = _column(listing, ordering), ordering.startswith("-")
    back = place is not None and place.way == BACK
    down = down != back
    if place is not None:
        rows = rows.filter(_beyond(column, place, down=down))
    keys = ["id"] if column == "id" else [column, "id"]
    found = list(rows.order_by(*(f"-{key}" if down else key for key in keys))[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    return (found[::-1] if back else found), more


def _beyond(column: str, place: Place, *, down: bool) -> Q:
    sign = "lt" if down else "gt"
    further = Q(**{f"id__{sign}": place.key})
    if column == "id":
        return further
    # The first condition alone is implied, and lets an index on the column be used.
    return Q(**{f"{column}__{sign}e": place.value}) & (
        Q(**{f"{column}__{sign}": place.value}) | (Q(**{column: place.value}) & further)
    )


def _edges(
    found: Sequence[dict[str, Any]], listing: Listing, ordering: str, place: Place | None
) -> tuple[Place | None, Place | None]:
    """Return where a page before and a page after this one begin."""
    if not found:
        # Nothing beyond the place: the way back begins at the very row that led here.
        turned = _turned(place) if place else None
        return (turned, None) if place is None or place.way == FORWARD else (None, turned)
    column = _column(listing, ordering)
    first, last = found[0], found[-1]
    return (
        Place(way=BACK, ordering=ordering, value=first[column], key=first["id"]),
        Place(way=FORWARD, ordering=ordering, value=last[column], key=last["id"]),
    )


def _turned(place: Place) -> Place:
    return Place(
        way=BACK if place.way == FORWARD else FORWARD,
        ordering=place.ordering,
        value=place.value,
        key=place.key,
    )


def _column(listing: Listing, ordering: str) -> str:
    return listing.orderings[ordering.lstrip("-")]


def _place(text: str, ordering: str, listing: Listing) -> Place:
    try:
        way, made_for, value, key = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        by_time = _column(listing, ordering) != "id"
        place = Place(
            way={FORWARD: FORWARD, BACK: BACK}[way],
            ordering=made_for,
            value=datetime.fromisoformat(value) if by_time else int(value),
            key=int(key),
        )
    except (ValueError, TypeError, KeyError, OverflowError):
        raise problems.invalid("cursor", "This cursor was not made by this list.") from None
    if place.ordering != ordering:
        raise problems.invalid("cursor", f"This cursor belongs to ordering={place.ordering}.")
    return place


def _link(request: Request, place: Place) -> str:
    kept = {name: text for name, text in request.GET.items() if name != "cursor"}
    return f"{request.path}?{urlencode(kept | {'cursor': place.text()})}"
