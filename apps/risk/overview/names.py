"""What people call metrics, checks, scopes and sources."""

from apps.edges import people
from apps.risk.domain.limits import Metric

_METRICS = {
    Metric.ORDER_EQUITY: "order value of equity",
    Metric.FREE_MARGIN: "free margin, at least",
    Metric.ENTRIES_DAY: "entries a day",
    Metric.VALUE_DAY: "traded value a day",
    Metric.VAR: "value at risk",
    Metric.ES: "expected shortfall",
    Metric.COLLAR: "price collar",
    Metric.LOSS_WARNING: "loss to WARNING",
    Metric.LOSS_REDUCING: "loss to REDUCING",
    Metric.LOSS_HALTED: "loss to HALTED",
}


def metric_name(metric: str) -> str:
    """Return what people call a metric."""
    known = {name.value: words for name, words in _METRICS.items()}
    return known.get(metric, metric.replace("_", " "))


def check_name(check: str) -> str:
    """Return a check's name as words: `order_size_account` is order size, account."""
    for scope in ("desk", "account", "source"):
        if check.endswith(f"_{scope}"):
            return f"{check.removesuffix(f'_{scope}').replace('_', ' ')}, {scope}"
    return check.replace("_", " ")


def source_name(source: str) -> str:
    """Return who asked: the kind of source, and the person's or agent's name."""
    kind = source.partition(":")[0]
    name = people.name_of(source)
    return name if name == kind else f"{kind} {name}"


def scope_name(scope: str) -> str:
    """Return what people call a scope of limits."""
    kind, _, rest = scope.partition(":")
    return source_name(rest) if kind == "source" else f"{kind} {rest}".strip()
