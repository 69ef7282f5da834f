"""What sizing needs beside the book, read before the transaction: the source's rule and what it measures."""

from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase

from django.db import connection
from django.utils import timezone

from apps.portfolio.domain.order import OrderRequest
from apps.risk.domain.sizing import Rule
from apps.risk.review import volatility

_RULES = """
SELECT source, risk_fraction, target_volatility, assumed_stop, version FROM risk_sizingrule
WHERE ended_at IS NULL AND effective_from <= %s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """What the source's rule asks to be measured is there, None where there is too little history.

    The rule may be read before the lock: a changed one counts from the next order on.
    """

    rule: Rule | None
    yearly_volatility: Decimal | None


def measure(request: OrderRequest) -> Measures:
    """Return what an order is to be sized by. An exit is not sized."""
    rule = sizing_rule(request.source)
    wanted = rule is not None and rule.target_volatility is not None and not request.reduce_only
    return Measures(rule=rule, yearly_volatility=volatility.yearly(request.instrument) if wanted else None)


def sizing_rule(source: str) -> Rule | None:
    """Return the rule whose pattern is the longest that matches the source."""
    matching = [rule for rule in sizing_rules() if fnmatchcase(source, rule.source)]
    return max(matching, key=lambda rule: len(rule.source)) if matching else None


def sizing_rules() -> list[Rule]:
    """Return every sizing rule in force."""
    with connection.cursor() as cursor:
        cursor.execute(_RULES, [timezone.now()])
        rows = cursor.fetchall()
    return [
        Rule(source=source, risk_fraction=risk, target_volatility=target, assumed_stop=stop, version=version)
        for source, risk, target, stop, version in rows
    ]
