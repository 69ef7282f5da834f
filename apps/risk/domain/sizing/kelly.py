"""Kelly's share of equity, from trades that are closed.

J. L. Kelly, A New Interpretation of Information Rate, 1956; the continuous form as in E. O. Thorp, The Kelly
Criterion in Blackjack, Sports Betting and the Stock Market, 2006.
"""

from decimal import Decimal

from apps.risk.domain.sizing.given import CannotSize, SizingInput
from apps.risk.domain.sizing.rule import KellyKind, Rule
from apps.risk.domain.sizing.sizers import at_notional, at_stop
from apps.risk.domain.sizing.trades import TradeStatistics

NOTHING = Decimal(0)
BOUNDLESS = Decimal("Infinity")


def kelly(rule: Rule, given: SizingInput) -> Decimal:
    """Return the position of a fraction of the Kelly share, capped; the probe size while trades are few.

    Raise CannotSize: `no_edge` where the share is not above zero.
    """
    terms, trades = rule.kelly, given.trades
    if terms is None:
        raise CannotSize("no_rule", "the rule names no Kelly fraction")
    if trades is None:
        raise CannotSize("no_trades", "the closed trades of this policy are not known")
    if not trades.enough:
        return at_stop(terms.probe, rule, given)
    found = kelly_share(trades, terms.kind)
    if not found > 0:
        raise CannotSize("no_edge", f"{trades.count} trades show no edge: a Kelly share of {found:.4f}")
    share = min(terms.cap, terms.fraction * found)
    return at_stop(share, rule, given) if terms.kind is KellyKind.DISCRETE else at_notional(share, given)


def kelly_share(trades: TradeStatistics, kind: KellyKind) -> Decimal:
    """Return the whole Kelly share: what loses nothing is worth all, what never moves without bound."""
    return _discrete(trades) if kind is KellyKind.DISCRETE else _continuous(trades)


def _discrete(trades: TradeStatistics) -> Decimal:
    """Return p - (1 - p) / (mean win / mean loss)."""
    if trades.mean_win is None:
        return -BOUNDLESS
    won = Decimal(trades.wins) / trades.count
    return won - (1 - won) * (trades.mean_loss or NOTHING) / trades.mean_win


def _continuous(trades: TradeStatistics) -> Decimal:
    """Return mean / variance of the returns on notional."""
    if trades.variance:
        return trades.mean / trades.variance
    return BOUNDLESS if trades.mean > 0 else NOTHING
