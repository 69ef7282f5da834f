"""How figures look on pages: signs that line up, no digits that mean nothing, never by colour alone."""

import re
from datetime import datetime
from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString

NONE = "–"
TIED = "\N{NO-BREAK SPACE}"
LARGE = Decimal(1000)
# Exponents are written in capitals by Decimal; an id of hexadecimal digits never looks like this.
COMPUTED = re.compile(r"-?\d+\.\d+(E[+-]?\d+)?|-?\d+E[+-]?\d+")


def money(value: Decimal | None, *, places: int = 2) -> str:
    """Return an amount with thousands apart: 100,000.00."""
    return NONE if value is None else f"{value:,.{places}f}"


def plain(value: Decimal | None) -> str:
    """Return a quantity or price without the zeros a column's scale adds."""
    if value is None:
        return NONE
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def trim(text: str) -> str:
    """Return a decimal that is kept as text, without trailing zeros."""
    return plain(Decimal(text))


def readable(text: str) -> str:
    """Round a decimal that was computed to what a person reads; any other text stays as it is.

    From 1,000 on to two places with thousands apart, below to six; what would become nothing keeps its size.
    """
    if not COMPUTED.fullmatch(text):
        return text
    value = Decimal(text)
    if abs(value) >= LARGE:
        return money(value)
    rounded = round(value, 6)
    return plain(rounded) if rounded or not value else f"{value:.3g}"


def share(value: Decimal | float | None, *, places: int = 2) -> str:
    """Return a ratio as per cent."""
    return NONE if value is None else f"{float(value) * 100:.{places}f}{TIED}%"


def gain(value: Decimal | None, *, places: int = 2) -> SafeString | str:
    """Return a profit or loss with its sign, coloured to agree with it."""
    if value is None:
        return NONE
    tone = "up" if value > 0 else "down" if value < 0 else "flat"
    return format_html('<span class="mtq-gain mtq-{}">{}</span>', tone, f"{value:+,.{places}f}")


def moment(at: datetime | None) -> SafeString | str:
    """Return an instant in UTC to the second, on one line."""
    if at is None:
        return NONE
    return format_html('<time class="mtq-at">{}</time>', f"{at:%Y-%m-%d}{TIED}{at:%H:%M:%S}")
