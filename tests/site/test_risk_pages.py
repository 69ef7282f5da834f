"""Pages of risk in the admin for whoever would rather look than read."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

import pytest
from django.contrib.auth.models import Group
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.edges import grants
from apps.portfolio.models import Position
from apps.risk.domain.limits import Metric, Unit
from apps.risk.models import RiskGauge, RiskLimit, RiskReview
from tests.site import rows
from tests.site.test_queries import EXPECTED, MOST, _count

SignIn = Callable[[str], Client]
PAGES = ("denials", "figures", "headroom")


def _text(browser: Client, page: str, **query: str) -> str:
    answer = browser.get(reverse(f"admin:risk_{page}"), query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_takes_as_many_queries_as_the_golden_file_says(
    page: str, sign_in: SignIn, desk: rows.Desk, valkey: str
) -> None:
    taken = _count(sign_in("viewer"), reverse(f"admin:risk_{page}"))
    assert taken == EXPECTED[f"page {page}"]
    assert taken <= MOST


@pytest.fixture
def lots(desk: rows.Desk) -> RiskLimit:
    """Half a lot is held of two allowed."""
    Position.objects.create(
        account=desk.account, instrument="EURUSD", source="", quantity=Decimal("0.5")
    )  # fmt: skip
    return RiskLimit.objects.create(
        scope="account:paper-1", metric="position", soft=Decimal(1), hard=Decimal(2), unit="lots",
        reason="test", changed_by="desk",
    )  # fmt: skip


def test_a_limit_is_shown_with_its_use_in_words_beside_its_bar(
    sign_in: SignIn, lots: RiskLimit, valkey: str
) -> None:
    page = _text(sign_in("viewer"), "headroom", metric="position")
    assert "position of account paper-1: 0.5\xa0lots of 2\xa0lots, 25.0\xa0% used." in page
    assert "No entry passes" not in page


def test_over_a_limit_the_page_says_that_no_entry_passes(
    sign_in: SignIn, lots: RiskLimit, valkey: str
) -> None:
    RiskLimit.objects.filter(pk=lots.pk).update(soft=None, hard=Decimal("0.25"))
    page = _text(sign_in("viewer"), "headroom")
    assert "no entry passes until it is back" in page
    assert "<b>Over its limit:</b> account paper-1" in page


def test_money_that_cannot_be_valued_is_unknown_and_not_nought(
    sign_in: SignIn, lots: RiskLimit, valkey: str
) -> None:
    page = _text(sign_in("viewer"), "headroom", metric="gross")
    assert "no fresh price of EURUSD" in page
    assert "unknown" in page


def test_limits_of_a_hidden_account_are_on_no_page(sign_in: SignIn, lots: RiskLimit, valkey: str) -> None:
    grants.revoke(Group.objects.get(name="viewer"), "view_account", kind="account", slug="paper-1")
    assert "paper-1" not in _text(sign_in("viewer"), "headroom")
    assert "paper-1" in _text(sign_in("risk"), "headroom")


def _denied(source: str, check: str, **changes: Any) -> RiskReview:
    reason = {"check": check, "reason": "gross", "value": "1310000", "limit": "1250000", "unit": "money",
              "text": "too much"}  # fmt: skip
    usual: dict[str, Any] = {
        "account": "paper-1", "source": source, "instrument": "EURUSD", "verdict": "denied", "request": {},
        "reasons": [reason], "elapsed_ms": 7.25,
    }  # fmt: skip
    return RiskReview.objects.create(**usual | changes)


def test_denials_are_counted_by_check_and_lead_to_their_reviews(sign_in: SignIn, desk: rows.Desk) -> None:
    review = _denied("agent:one", "gross_account")
    page = _text(sign_in("viewer"), "denials", check="gross_account")
    assert "gross, account: 1 denied" in page
    assert "60,000.00\xa0USD" in page  # beyond its limit
    assert reverse("admin:risk_riskreview_change", args=(review.pk,)) in page


def test_a_filter_leaves_the_others_out_of_the_list_and_of_the_file(sign_in: SignIn, desk: rows.Desk) -> None:
    for source in ("agent:one", "agent:two"):
        _denied(source, "gross_account")
    asked = {"source": "agent:two", "check": "gross_account"}
    assert "agent:one" not in _text(sign_in("viewer"), "denials", **asked)
    (row,) = _file(sign_in("viewer"), **asked)
    assert (row["source"], row["value"], row["over"]) == ("agent:two", "1310000", "60000")


def _file(browser: Client, **query: str) -> list[dict[str, str]]:
    answer = cast("StreamingHttpResponse", browser.get(reverse("admin:risk_denials_file"), query))
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode())))


def test_a_cell_that_a_spreadsheet_would_run_is_told_as_text(sign_in: SignIn, desk: rows.Desk) -> None:
    _denied("=1+1", "request", verdict="refused")
    assert {row["source"] for row in _file(sign_in("viewer"), check="request")} == {"'=1+1"}


def test_denials_of_a_hidden_account_are_on_no_page_and_in_no_file(sign_in: SignIn, desk: rows.Desk) -> None:
    grants.revoke(Group.objects.get(name="viewer"), "view_account", kind="account", slug="paper-1")
    assert "Nothing was denied" in _text(sign_in("viewer"), "denials")
    assert _file(sign_in("viewer")) == []


def test_a_review_tells_each_check_its_sizing_and_the_limits_it_was_judged_by(
    sign_in: SignIn, lots: RiskLimit
) -> None:
    review = _denied(
        "agent:one",
        "gross_account",
        results=[
            {"check": "steps", "passed": True, "elapsed_ms": 0.01},
            {
                "check": "position_account",
                "passed": True,
                "value": "1.5",
                "limit": "2",
                "unit": "lots",
                "soft": True,
            },
            {
                "check": "gross_account",
                "passed": False,
                "value": "1310000",
                "limit": "1250000",
                "unit": "money",
            },
        ],
        sizing={"requested": "3", "quantity": "1.5", "caps": {"kelly": "1.5", "atr": "2"}, "equity": "98500"},
        limit_versions={"account:paper-1:position": 1},
        levels={"desk": 0},
    )
    answer = sign_in("viewer").get(reverse("admin:risk_riskreview_change", args=(review.pk,)))
    page = answer.content.decode()
    for told in (
        "1 of 3 denied it",
        "! soft limit",
        "60,000.00\xa0USD beyond",
        "0.5\xa0lots left",
        "the least cap",
    ):
        assert told in page
    assert reverse("admin:risk_risklimit_change", args=(lots.pk,)) in page


@pytest.fixture
def gauges(desk: rows.Desk) -> None:
    """Desk and account as they were measured a minute ago, without an expected shortfall."""
    at = timezone.now() - timedelta(minutes=1)
    for scope in ("desk", "account:paper-1", f"source:{desk.agent.source}", "source:user:4711"):
        RiskGauge.objects.create(
            scope=scope, currency="USD", equity=Decimal(98_500), sigma=Decimal(412), var=Decimal("959.62"),
            marks_good=True, desk_at=at, measured_at=at, figured_at=at, fault="no_covariance",
            figures={
                "days": 250, "var": {"historical": "1001.5", "normal": ""}, "es": {"historical": "1200"},
                "factors": {"currency|EUR": "54130", "currency|JPY": "-20000"},
                "instruments": {"EURUSD": "54130"},
                "correlation": {"names": ["currency|EUR", "currency|JPY"], "rows": [[1, -0.4], [-0.4, 1]]},
            },
        )  # fmt: skip


def test_figures_of_risk_are_shown_with_their_age_and_what_is_missing(sign_in: SignIn, gauges: None) -> None:
    page = _text(sign_in("viewer"), "figures", scope="account:paper-1").replace("\xa0", " ")
    told = ("959.62", "unknown", "missing: no_covariance", "s stale", "1,001.50", "short 20,000.00", "-0.40")
    assert [words for words in told if words not in page] == []


def test_sources_of_other_persons_are_shown_to_those_who_watch_risk(sign_in: SignIn, gauges: None) -> None:
    assert "4711" not in _text(sign_in("viewer"), "figures")
    assert "4711" in _text(sign_in("risk"), "figures")


def test_only_who_may_change_limits_has_it_measured_now(
    sign_in: SignIn, desk: rows.Desk, valkey: str
) -> None:
    page = reverse("admin:risk_measure")
    assert sign_in("viewer").post(page).status_code == 403
    assert sign_in("risk").get(page).status_code == 403
    assert sign_in("risk").post(page).status_code == 302
    assert RiskGauge.objects.filter(scope="desk").exists()


@pytest.mark.parametrize("unit", Unit)
def test_a_limit_in_any_unit_is_in_the_list(unit: Unit, sign_in: SignIn, desk: rows.Desk) -> None:
    RiskLimit.objects.create(
        scope="source:user:7", metric=Metric.MESSAGE_RATE, hard=Decimal("0.5"), unit=unit, reason="test",
        changed_by="desk",
    )  # fmt: skip
    answer = sign_in("risk").get(reverse("admin:risk_risklimit_changelist"), {"q": "user:7"})
    assert (answer.status_code, "source:user:7" in answer.content.decode()) == (200, True)
