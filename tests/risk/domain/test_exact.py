"""A limit is compared to the last digit: what a float would round away decides."""

from decimal import Decimal

import pytest

from apps.risk.domain.limits import Metric
from tests.risk.cast import book, limit, reasons, request

VALUE = Decimal("2628751.03")  # twenty lots at 1.25, and one that is open at 1.2875103


@pytest.mark.parametrize("scope", ["desk", "account:paper-1", "source:*"])
def test_a_limit_decides_by_the_last_of_its_digits(scope: str) -> None:
    assert "gross" not in reasons(request(), book("20"), limit(scope, Metric.GROSS, f"{VALUE}"))
    assert "gross" in reasons(
        request(), book("20"), limit(scope, Metric.GROSS, f"{VALUE - Decimal('1e-10')}")
    )
