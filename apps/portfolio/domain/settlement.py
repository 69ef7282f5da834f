"""Where an order stands once a venue's report and its booked fills are put together."""

from decimal import Decimal

from apps.portfolio.domain.order import MOVES, OrderStatus

_S = OrderStatus
_ENDS = {_S.CANCELLED, _S.EXPIRED, _S.REJECTED}
_AT_WORK = {_S.ACCEPTED, _S.PARTIALLY_FILLED, _S.FILLED}
_PENDING = {_S.CANCEL_PENDING, _S.REPLACE_PENDING}


def next_status(
    current: OrderStatus, reported: OrderStatus, *, filled: Decimal, quantity: Decimal
) -> OrderStatus:
    """Return the state after a report; the current one where the report changes nothing.

    Ends are final. Fills decide how far an order is filled: a report of FILLED whose fills are not all
    here yet leaves it working, since its room must not be freed before its position is booked.
    """
    if current.is_final:
        return current
    if filled >= quantity:
        wanted = _S.FILLED
    elif reported in _ENDS:
        wanted = _S.CANCELLED if current in _PENDING and reported is _S.REJECTED else reported
    elif current in _PENDING or (reported not in _AT_WORK and not filled):
        # A pending cancel stays one until the venue says that the order ended or that it refuses to.
        return current
    else:
        wanted = _S.PARTIALLY_FILLED if filled else _S.ACCEPTED
    return wanted if wanted is not current and wanted in MOVES[current] else current
