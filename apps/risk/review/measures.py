"""What sizing needs beside the book, read before the transaction: the source's rule and what it measures."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from django.db import connection

from apps.marketdata.domain.bar import Timeframe
from apps.portfolio.domain.order import OrderRequest
from apps.risk.domain.breaker import Bases, LossBase, Threshold
from apps.risk.domain.limits import LOSS_LEVELS, Limit, Metric, Unit, loss_thresholds
from apps.risk.domain.sizing import AtrTerms, KellyKind, KellyTerms, Rule, TradeStatistics
from apps.risk.review import trades, volatility

# Exact numbers travel as text: JSON has none. Rows in a fixed order, so that equal rows are equal text.
_STANDING = """
SELECT
    (SELECT jsonb_agg(jsonb_build_array(
        source, risk_fraction::text, target_volatility::text, assumed_stop::text,
        kelly_kind, kelly_fraction::text, kelly_cap::text, kelly_probe::text,
        atr_share::text, atr_multiple::text, atr_timeframe, drawdown_scaling, version) ORDER BY id)
     FROM risk_sizingrule WHERE ended_at IS NULL AND effective_from <= clock_timestamp()),
    (SELECT jsonb_build_array(high_water_mark::text, day_start::text, initial::text, flows::text, trading_day)
     FROM risk_breakerstate WHERE scope = %s),
    (SELECT jsonb_agg(jsonb_build_array(scope, metric, hard::text, loss_base) ORDER BY id)
     FROM risk_risklimit
     WHERE metric = ANY(%s) AND ended_at IS NULL AND effective_from <= clock_timestamp())
"""
_LOSSES = [metric.value for metric in LOSS_LEVELS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """What the source's rule asks to be measured is there, None where there is too little history.

    `bases` are what the account's losses are counted from, None before it was first valued. The rule may be
    read before the lock: a changed one counts from the next order on.
    """

    rule: Rule | None = None
    yearly_volatility: Decimal | None = None
    average_range: Decimal | None = None
    trades: TradeStatistics | None = None
    bases: Bases | None = None
    thresholds: tuple[Threshold, ...] = ()


def measure(request: OrderRequest) -> Measures:
    """Return what an order is to be sized by. An exit is not sized."""
    if request.reduce_only:
        return Measures()
    scope = f"account:{request.account}"
    rules, bases, limits = _standing(scope)
    rule = _longest(rules, request.source)
    if rule is None:
        return Measures()
    return Measures(
        rule=rule,
        yearly_volatility=volatility.yearly(request.instrument) if rule.target_volatility else None,
        average_range=_average_range(request.instrument, rule.atr),
        trades=trades.statistics_of(request) if rule.kelly else None,
        bases=_bases(json.loads(bases)) if bases else None,
        thresholds=_thresholds(limits or "[]", scope),
    )


def sizing_rule(source: str) -> Rule | None:
    """Return the rule whose pattern is the longest that matches the source."""
    return _longest(_standing("")[0], source)


def _standing(scope: str) -> tuple[tuple[Rule, ...], str | None, str | None]:
    """Return the rules in force, and as JSON the bases of a scope and every limit of a loss."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [scope, _LOSSES])
        rules, bases, limits = cursor.fetchone()
    return _rules(rules or "[]"), bases, limits


def _average_range(instrument: str, terms: AtrTerms | None) -> Decimal | None:
    return None if terms is None else volatility.average_range(instrument, Timeframe(terms.timeframe))


def _longest(rules: Iterable[Rule], source: str) -> Rule | None:
    matching = [rule for rule in rules if fnmatchcase(source, rule.source)]
    return max(matching, key=lambda rule: len(rule.source)) if matching else None


@lru_cache(maxsize=16)
def _rules(text: str) -> tuple[Rule, ...]:
    """Make values of rows as JSON; kept by their whole text, so a changed row is never missed."""
    return tuple(_rule(row) for row in json.loads(text))


def _rule(row: list[Any]) -> Rule:
    source, risk, target, stop, kind, fraction, cap, probe, share, multiple, timeframe, scaling, version = row
    kelly = atr = None
    if kind:
        kelly = KellyTerms(
            kind=KellyKind(kind), fraction=Decimal(fraction), cap=Decimal(cap), probe=Decimal(probe)
        )
    if timeframe:
        atr = AtrTerms(share=Decimal(share), multiple=Decimal(multiple), timeframe=timeframe)
    return Rule(
        source=source,
        risk_fraction=_number(risk),
        target_volatility=_number(target),
        assumed_stop=_number(stop),
        kelly=kelly,
        atr=atr,
        drawdown_scaling=scaling,
        version=version,
    )


def _bases(row: list[str | None]) -> Bases | None:
    peak, day_start, initial, flows, day = row
    if peak is None or day_start is None or initial is None or flows is None or day is None:
        return None
    return Bases(
        high_water_mark=Decimal(peak),
        day_start=Decimal(day_start),
        initial=Decimal(initial),
        flows=Decimal(flows),
        day=date.fromisoformat(day),
    )


@lru_cache(maxsize=64)
def _thresholds(text: str, scope: str) -> tuple[Threshold, ...]:
    limits = (
        Limit(
            scope=pattern,
            metric=Metric(metric),
            soft=None,
            hard=Decimal(hard),
            unit=Unit.SHARE,
            loss_base=LossBase(base),
        )
        for pattern, metric, hard, base in json.loads(text)
    )
    return loss_thresholds(limits, scope)


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
