"""Sigma: the standard deviation of one day's result of given exposures, and what follows from it."""

from collections.abc import Iterable
from decimal import ROUND_CEILING, Decimal

import numpy as np

from apps.portfolio.domain.book import Book, OpenOrder, Quotes, Specs
from apps.risk.domain.metrics.covariance import Covariance
from apps.risk.domain.metrics.exposure import Exposures, exposures, order_exposures, total
from apps.risk.domain.metrics.tail import vector

STEP = Decimal("1e-9")
# Of the standard normal distribution at 99 %: the quantile z, and its density at z over 1 %.
NORMAL_VAR = Decimal("2.326347874040841100885606164")
NORMAL_ES = Decimal("2.665214220345804813216300809")


def sigma(covariance: Covariance, amounts: Exposures) -> Decimal:
    """Return sqrt(x'Sx) in the money of the exposures, rounded up at 1e-9.

    Raise NoCovariance for an exposure outside of the matrix, ArithmeticError where it is not finite.
    """
    x = vector(covariance.factors, amounts)
    form = float(x @ covariance.matrix @ x)
    if not np.isfinite(form):
        raise ArithmeticError(f"the variance of {', '.join(amounts)} is {form}")
    return rounded_up(max(form, 0.0) ** 0.5)  # rounding may leave a perfect hedge a little below nought


def limited(
    covariance: Covariance,
    held: Exposures,
    order: Exposures | None = None,
    others: Iterable[Exposures] = (),
) -> Decimal:
    """Return what a sigma limit is compared with: nothing that may yet fill makes the figure smaller.

    The larger of sigma with and without the order, plus sigma of every other open entry on its own.
    """
    now = sigma(covariance, held)
    worst_now = now if order is None else max(now, sigma(covariance, total((held, order))))
    return sum((sigma(covariance, other) for other in others), worst_now)


def worst(
    covariance: Covariance,
    book: Book,
    quotes: Quotes,
    specs: Specs,
    *,
    base: str,
    order: OpenOrder | None = None,
) -> Decimal:
    """Return `limited` of a book with its open entries, and with one more order, in base currency.

    `book` does not hold the order yet. Raise NoMark, NoRate, NoCovariance, ArithmeticError.
    """
    return limited(
        covariance,
        exposures(book, quotes, specs, base),
        order_exposures(order, quotes, specs, base) if order else None,
        [order_exposures(entry, quotes, specs, base) for entry in book.open_entries()],
    )


def parametric_var(deviation: Decimal) -> Decimal:
    """Return the loss that a normal day exceeds in one of a hundred, zero mean, rounded up at 1e-9."""
    return (NORMAL_VAR * deviation).quantize(STEP, ROUND_CEILING)


def parametric_es(deviation: Decimal) -> Decimal:
    """Return the mean loss of the worst hundredth of normal days, zero mean, rounded up at 1e-9."""
    return (NORMAL_ES * deviation).quantize(STEP, ROUND_CEILING)


def rounded_up(figure: float) -> Decimal:
    """Return a figure of floats as a Decimal that is not below it. Raise ArithmeticError if not finite."""
    if not np.isfinite(figure):
        raise ArithmeticError(f"a figure of risk is {figure}")
    return Decimal(repr(float(figure))).quantize(STEP, ROUND_CEILING)
