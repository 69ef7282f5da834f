"""From an action to what should be traded, by pure arithmetic."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from apps.agents.errors import PolicyFault
from apps.marketdata.domain.instrument import InstrumentSpec
from apps.portfolio.domain.order import Side

# In lot steps. A third of three steps is a step, though as a float it lies a hair below: as in training.
HAIR = Decimal("1e-9")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One order of a decision: leg 0 is always the exit where there is one."""

    number: int
    side: Side
    quantity: Decimal
    reduce_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What an agent wants at a closed bar: a target in [-1, 1] and the legs that lead there."""

    target: float
    legs: tuple[Leg, ...]


def checked_action(action: object) -> float:
    """Return the action as a number in [-1, 1]. Raise PolicyFault for anything else (fault M8)."""
    if isinstance(action, bool) or not isinstance(action, int | float):
        raise PolicyFault(f"the policy gave {type(action).__name__}, not a number")
    value = float(action)
    if not math.isfinite(value):
        raise PolicyFault(f"the policy gave {value}")
    if abs(value) > 1:
        raise PolicyFault(f"the policy gave {value}, outside -1 to 1")
    return value


def interpret(action: object, *, held: Decimal, max_lots: Decimal, spec: InstrumentSpec) -> Decision | None:
    """Translate an action into legs, or None when the agent already stands where it wants to.

    Risk may have sized the position below the wish, so what counts is the side, not the size: a wish on
    the side already held trades nothing. A reversal is two orders: out first, then in.
    Raise PolicyFault when the action is not a number in [-1, 1].
    """
    target = checked_action(action)
    wanted = spec.floor_quantity(abs(Decimal(repr(target))) * max_lots + HAIR * spec.lot_step)
    wanted_sign = 0 if wanted == 0 else (1 if target > 0 else -1)
    held_sign = (held > 0) - (held < 0)
    if wanted_sign == held_sign:
        return None
    legs = []
    if held_sign:
        legs.append(Leg(number=0, side=Side.of(-held), quantity=abs(held), reduce_only=True))
    if wanted_sign:
        side = Side.BUY if wanted_sign > 0 else Side.SELL
        legs.append(Leg(number=1, side=side, quantity=wanted, reduce_only=False))
    return Decision(target=target, legs=tuple(legs))


def has_expired(*, bar_close_at: datetime, now: datetime, bar_length: timedelta, grace: timedelta) -> bool:
    """Tell whether a signal is too old to trade: one bar after its close, and never less than `grace`."""
    return now - bar_close_at > max(bar_length, grace)


# After a denial the reason seldom changes within a few bars; asking at every bar would only fill the ledger.
BARS_BETWEEN_DENIALS = 15
BARS_BETWEEN_DENIED_EXITS = 3


def may_ask_again(decision: Decision, *, last_target: float, bars: float, escalated: bool = False) -> bool:
    """Tell whether a decision may follow a denied one: a new wish, or time passed.

    An exit that was `escalated` needs room on its account, as an entry does, and waits as long.
    """
    exits = any(leg.reduce_only for leg in decision.legs) and not escalated
    patience = BARS_BETWEEN_DENIED_EXITS if exits else BARS_BETWEEN_DENIALS
    return decision.target != last_target or bars >= patience
