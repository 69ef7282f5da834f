"""The baselines: policies that are rules. Each stays in the product as what learning must beat.

A rule takes an Observation and its parameters and returns a target in [-1, 1].
"""

from collections.abc import Callable, Mapping

from apps.agents.domain.observation import Observation

Parameters = Mapping[str, float]
Rule = Callable[[Observation, Parameters], float]


def flat(_: Observation, __: Parameters) -> float:
    """Hold nothing, ever: the baseline that costs nothing."""
    return 0.0


def buy_and_hold(_: Observation, __: Parameters) -> float:
    """Be long, always."""
    return 1.0


def moving_average_cross(seen: Observation, parameters: Parameters) -> float:
    """Go with the sign of fast average minus slow, once the gap is `band` average ranges wide.

    Inside the band the position stays as it is, so that a flat market does not trade every bar.
    """
    gap = seen["macd_12_26"]
    band = parameters["band"]
    if abs(gap) <= band:
        return _as_held(seen)
    return 1.0 if gap > 0 else -1.0


def breakout(seen: Observation, parameters: Parameters) -> float:
    """Go long at the top of the channel of the last 50 bars, short at its bottom, else keep the position.

    `edge` is how near to the end of the channel the close must be, as a part of its height.
    """
    place = seen["donchian_50"]
    edge = parameters["edge"]
    if place >= 1.0 - edge:
        return 1.0
    if place <= edge:
        return -1.0
    return _as_held(seen)


def _as_held(seen: Observation) -> float:
    held = seen["held"]
    return float((held > 0) - (held < 0))


RULES: dict[str, Rule] = {
    "flat": flat,
    "buy-and-hold": buy_and_hold,
    "ma-cross": moving_average_cross,
    "breakout": breakout,
}
