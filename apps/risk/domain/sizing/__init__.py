"""How large an entry may be: the least of what was asked and of what every sizer of the source allows.

A sizer answers with the largest position, in lots, that the source may hold in the instrument. An entry
gets what the cap leaves beyond the position that is there and the entries already under way. Sizing may
shrink an order or deny it, never enlarge it.
"""

from apps.risk.domain.sizing.dynamic import WARNING_FACTOR, drawdown_factor, least_factor, level_factor
from apps.risk.domain.sizing.given import CannotSize, SizingInput
from apps.risk.domain.sizing.kelly import kelly, kelly_share
from apps.risk.domain.sizing.least import SIZERS, Sized, Sizer, size, sizers_of
from apps.risk.domain.sizing.ranges import scaled_deviation, wilder_range
from apps.risk.domain.sizing.rule import AtrTerms, KellyKind, KellyTerms, Rule, is_tighter
from apps.risk.domain.sizing.sizers import atr, fixed_fractional, volatility_target
from apps.risk.domain.sizing.trades import FEWEST, LAST, TradeStatistics, statistics

__all__ = [
    "FEWEST",
    "LAST",
    "SIZERS",
    "WARNING_FACTOR",
    "AtrTerms",
    "CannotSize",
    "KellyKind",
    "KellyTerms",
    "Rule",
    "Sized",
    "Sizer",
    "SizingInput",
    "TradeStatistics",
    "atr",
    "drawdown_factor",
    "fixed_fractional",
    "is_tighter",
    "kelly",
    "kelly_share",
    "least_factor",
    "level_factor",
    "scaled_deviation",
    "size",
    "sizers_of",
    "statistics",
    "volatility_target",
    "wilder_range",
]
