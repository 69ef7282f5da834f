"""What risk limits, and what each is measured in."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum


class Metric(StrEnum):
    """What is limited. Sizes are lots, shares are parts of one.

    Money is in the account's currency at an account, in the desk's base currency at the desk and a source.
    """

    ORDER_SIZE = "order_size"
    ORDER_VALUE = "order_value"
    ORDER_EQUITY = "max_order_equity"
    POSITION = "position"
    GROSS = "gross"
    NET = "net"
    MARGIN = "margin"
    OPEN_ORDERS = "open_orders"
    ENTRIES_DAY = "entries_day"
    VALUE_DAY = "value_day"
    DAY_LOSS = "day_loss"
    FREE_MARGIN = "min_free_margin"
    SIGMA = "sigma"
    VAR = "var"
    ES = "es"
    COLLAR = "collar"
    GAP_FACTOR = "gap_factor"
    MESSAGE_RATE = "message_rate"
    MESSAGE_BURST = "message_burst"
    REPEATS = "repeats"
    LOSS_WARNING = "loss_warning"
    LOSS_REDUCING = "loss_reducing"
    LOSS_HALTED = "loss_halted"

    __hash__ = str.__hash__  # that of enums is written in Python, and every check looks its limits up

    @property
    def is_floor(self) -> bool:
        """Tell whether more is tighter: what must at least stay free, and how often a gap counts."""
        return self is Metric.FREE_MARGIN or self is Metric.GAP_FACTOR


class Unit(StrEnum):
    LOTS = "lots"
    MONEY = "money"
    EQUITY = "equity"  # times the equity of the account, of the whole desk at the desk and a source
    COUNT = "count"
    SHARE = "share"
    TIMES = "times"
    PER_SECOND = "per_second"


# Each of these is needed at desk, account and source: an order without one of them is denied `no_limit`.
REQUIRED = (
    Metric.ORDER_SIZE,
    Metric.ORDER_VALUE,
    Metric.POSITION,
    Metric.GROSS,
    Metric.NET,
    Metric.MARGIN,
    Metric.OPEN_ORDERS,
    Metric.ENTRIES_DAY,
    Metric.VALUE_DAY,
    Metric.DAY_LOSS,
)
_MONEY, _SHARE = (Unit.MONEY, Unit.EQUITY), (Unit.MONEY, Unit.EQUITY, Unit.SHARE)
# What each may be measured in, the usual unit first. In another one it would bound something else.
UNITS: Mapping[Metric, tuple[Unit, ...]] = {
    Metric.ORDER_SIZE: (Unit.LOTS,),
    Metric.ORDER_VALUE: _MONEY,
    Metric.ORDER_EQUITY: (Unit.EQUITY, Unit.MONEY),
    Metric.POSITION: (Unit.LOTS,),
    Metric.GROSS: _MONEY,
    Metric.NET: _MONEY,
    Metric.MARGIN: _MONEY,
    Metric.OPEN_ORDERS: (Unit.COUNT,),
    Metric.ENTRIES_DAY: (Unit.COUNT,),
    Metric.VALUE_DAY: _MONEY,
    Metric.DAY_LOSS: _SHARE,
    Metric.FREE_MARGIN: _MONEY,
    Metric.SIGMA: _SHARE,
    Metric.VAR: _SHARE,
    Metric.ES: _SHARE,
    Metric.COLLAR: (Unit.SHARE,),
    Metric.GAP_FACTOR: (Unit.TIMES,),
    Metric.MESSAGE_RATE: (Unit.PER_SECOND,),
    Metric.MESSAGE_BURST: (Unit.COUNT,),
    Metric.REPEATS: (Unit.COUNT,),
    Metric.LOSS_WARNING: (Unit.SHARE,),
    Metric.LOSS_REDUCING: (Unit.SHARE,),
    Metric.LOSS_HALTED: (Unit.SHARE,),
}
# Of one order or one instrument anyway: a row of the instrument alone will do. The others add up over all
# instruments and need a row that counts them together.
OF_ONE = frozenset({Metric.ORDER_SIZE, Metric.ORDER_VALUE, Metric.ORDER_EQUITY, Metric.POSITION})
# Figures that a row may limit as a share of equity, beside money.
OF_EQUITY = frozenset({Metric.DAY_LOSS, Metric.SIGMA, Metric.VAR, Metric.ES})
# Where a metric is judged, if not at desk, account and source alike. A row elsewhere would bound nothing.
SCOPES: Mapping[Metric, tuple[str, ...]] = {
    Metric.FREE_MARGIN: ("account",),
    Metric.MESSAGE_RATE: ("account", "source"),
    Metric.MESSAGE_BURST: ("account", "source"),
    Metric.LOSS_WARNING: ("account",),
    Metric.LOSS_REDUCING: ("account",),
    Metric.LOSS_HALTED: ("account",),
}
# Entries of one source, instrument and side in a minute where no row says otherwise: no source is unguarded.
DEFAULT_REPEATS = Decimal(10)


def default_burst(rate: Decimal) -> Decimal:
    """Return how many messages pile up where a rate has no burst beside it."""
    return max(Decimal(1), rate)
