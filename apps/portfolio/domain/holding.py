"""A position and how fills move it: one net holding per instrument, and one per source beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

from apps.portfolio.domain.report import ReportedFill

NOTHING = Decimal(0)
KEPT = Decimal("1e-10")  # the digits that a stored price or amount keeps
EXTERNAL = "external"
# People, and the clients that trade by a token of the API: both hold what they ask for themselves.
PERSONS = ("user:", "token:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Signed lots of an instrument at their average price.

    `realized` is the money that the venue booked on the fills counted here: profit and costs.
    """

    instrument: str
    quantity: Decimal = NOTHING
    average_price: Decimal = NOTHING
    realized: Decimal = NOTHING


def apply_fill(holding: Holding, fill: ReportedFill) -> Holding:
    """Return the holding after a whole fill."""
    return move(holding, by=fill.quantity * fill.side.sign, price=fill.price, cash=fill.cash_change)


def move(holding: Holding, *, by: Decimal, price: Decimal, cash: Decimal) -> Holding:
    """Move a holding by signed lots: increase weighs the price, reduction keeps it, reversal resets it."""
    before, after = holding.quantity, holding.quantity + by
    if after == 0:
        average = NOTHING
    elif before * after <= 0:
        average = price
    elif abs(after) > abs(before):
        average = ((before * holding.average_price + by * price) / after).quantize(KEPT, ROUND_HALF_EVEN)
    else:
        average = holding.average_price
    return replace(holding, quantity=after, average_price=average, realized=holding.realized + cash)


def share(closed: Decimal, holdings: Mapping[str, Decimal], step: Decimal) -> dict[str, Decimal]:
    """Share a signed closing quantity among the sources that hold the other side, in proportion.

    Shares have the sign of `closed`, are rounded down to the step (the remainder goes to the largest
    holder that has room) and never exceed what a source holds; what nobody holds is not shared.
    """
    sign = 1 if closed > 0 else -1
    held = {source: abs(lots) for source, lots in holdings.items() if lots * sign < 0}
    total = sum(held.values(), NOTHING)
    part = min(abs(closed), total)
    if part == 0:
        return {}
    shares = {
        source: (part * lots / total / step).to_integral_value(ROUND_DOWN) * step
        for source, lots in held.items()
    }
    rest = part - sum(shares.values(), NOTHING)
    for source in sorted(held, key=lambda name: (-held[name], name)):
        more = min(rest, held[source] - shares[source])
        shares[source] += more
        rest -= more
    return {source: lots * sign for source, lots in shares.items() if lots}


def attribute(
    by: Decimal, *, source: str, reduce_only: bool, virtual: Mapping[str, Decimal], step: Decimal
) -> dict[str, Decimal]:
    """Say whose virtual position a fill of signed lots moves; the parts always add up to the fill.

    An agent's fill is its own. What the venue, somebody else, enforcement or an exit of a person or a client
    closes is taken from the sources that hold that side; what closes nothing stays with whoever sent it.
    """
    if not _is_shared(source, reduce_only=reduce_only):
        return {source: by}
    net = sum(virtual.values(), NOTHING)
    sign = 1 if by > 0 else -1
    closing = min(abs(by), abs(net)) * sign if net * sign < 0 else NOTHING
    owner = source if source.startswith(PERSONS) else EXTERNAL
    parts = _own_first(closing, owner, virtual)
    others = {name: lots for name, lots in virtual.items() if name not in parts}
    parts |= share(closing - sum(parts.values(), NOTHING), others, step)
    rest = by - sum(parts.values(), NOTHING)
    if rest:
        parts[owner] = parts.get(owner, NOTHING) + rest
    return parts


def _is_shared(source: str, *, reduce_only: bool) -> bool:
    if source.startswith(PERSONS):
        return reduce_only
    return source == EXTERNAL or source.startswith("enforcement:")


def _own_first(closing: Decimal, owner: str, virtual: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Let a person's exit close first what that person holds."""
    own = virtual.get(owner, NOTHING)
    if owner == EXTERNAL or own * closing >= 0:
        return {}
    return {owner: min(abs(own), abs(closing)) * (1 if closing > 0 else -1)}


def split_money(amount: Decimal, parts: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Split money in proportion to lots, so that the pieces add up exactly; the largest takes the rest."""
    whole = sum((abs(lots) for lots in parts.values()), NOTHING)
    pieces = {
        name: (amount * abs(lots) / whole).quantize(KEPT, ROUND_HALF_EVEN) for name, lots in parts.items()
    }
    largest = max(parts, key=lambda name: (abs(parts[name]), name))
    pieces[largest] += amount - sum(pieces.values(), NOTHING)
    return pieces
