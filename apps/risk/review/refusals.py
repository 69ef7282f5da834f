"""What cannot be an order row, and so not even a denied one."""

from decimal import Decimal

from apps.marketdata import instruments
from apps.marketdata.errors import UnknownInstrument
from apps.portfolio.domain.order import OrderRequest
from apps.risk.domain.verdict import Breach

LENGTHS = {"account": 40, "source": 80, "instrument": 32, "signal_key": 120, "ticket": 64}
NUMBERS = ("quantity", "price", "stop_loss", "take_profit", "stop_distance")
MOST_DIGITS, FINEST = 18, -10
LEGS = range(32768)
TTL_S = range(1, 86_401)


def cannot_be_stored(request: OrderRequest) -> Breach | None:
    """Return why no column can hold the request: its texts or numbers are too long, or not finite."""
    for name, longest in LENGTHS.items():
        text = getattr(request, name)
        if len(text) > longest or "\x00" in text:
            return _refusal("bad_text", f"{name} has more than {longest} characters or a zero byte")
    if not request.source or not request.signal_key:
        return _refusal("bad_text", "an order names its source and its signal")
    for name in NUMBERS:
        fault = _number_fault(getattr(request, name))
        if fault:
            return _refusal("bad_number", f"{name} {fault}")
    if request.requested_at.tzinfo is None:
        return _refusal("bad_time", "requested_at must name its zone")
    if request.leg not in LEGS or request.ttl_s not in TTL_S:
        return _refusal("bad_number", "leg or time to live are out of range")
    return None


def _number_fault(number: Decimal | None) -> str:
    if number is None:
        return ""
    if not number.is_finite():
        return "is not finite"
    # By its digits alone: any arithmetic would round it to the context's, or overflow.
    _, digits, exponent = number.as_tuple()
    zeros = len(digits) - len("".join(map(str, digits)).rstrip("0"))
    too_fine = bool(number) and int(exponent) + zeros < FINEST
    return "has more than 18 + 10 digits" if too_fine or number.adjusted() >= MOST_DIGITS else ""


def unknown_instrument(request: OrderRequest) -> Breach | None:
    try:
        instruments.spec(request.instrument)
    except UnknownInstrument:
        return _refusal("unknown_instrument", f"there is no instrument {request.instrument}")
    return None


def unknown_account(request: OrderRequest) -> Breach:
    return _refusal("unknown_account", f"there is no account {request.account}")


def _refusal(reason: str, text: str) -> Breach:
    return Breach(check="request", reason=reason, text=text)
