"""The pages of sizing rules: what they show, and the dialogs that propose another."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from apps.risk.models import ChangeRequest, SizingRule
from tests.site import rows

SignIn = Callable[[str], Client]
REASON = "agents have shown what they can lose"
FIGURES = {
    "risk_fraction": "0.02",
    "assumed_stop": "0.02",
    "kelly_kind": "discrete",
    "kelly_fraction": "0.25",
    "kelly_cap": "0.02",
    "kelly_probe": "0.001",
    "atr_timeframe": "1h",
    "atr_share": "0.01",
    "atr_multiple": "2.5",
    "drawdown_scaling": "on",
}


@pytest.fixture
def rule(desk: rows.Desk) -> SizingRule:
    SizingRule.objects.filter(source="agent:*").delete()
    return SizingRule.objects.create(
        source="agent:*", risk_fraction=Decimal("0.01"), reason="first", changed_by="user:1"
    )


def post(browser: Client, name: str, *pk: int, **fields: str) -> tuple[bool, str]:
    page = reverse(f"admin:risk_sizingrule_{name}", args=pk)
    answer = browser.post(
        page, {"_form_submitted": "True", "reason": REASON, **fields}, headers={"HX-Request": "true"}
    )
    return answer.has_header("HX-Redirect"), answer.content.decode()


def test_another_rule_waits_for_a_second_person(rule: SizingRule, sign_in: SignIn) -> None:
    done, page = post(sign_in("risk"), "propose", rule.pk, **FIGURES)
    assert done, page
    (asked,) = ChangeRequest.objects.filter(kind="sizing")
    assert (asked.subject, asked.state, asked.reason) == ("agent:*", "open", REASON)
    assert asked.payload["kelly_fraction"] == "0.25"
    assert asked.payload["drawdown_scaling"] == "yes"
    rule.refresh_from_db()
    assert rule.ended_at is None


def test_a_rule_for_a_new_source_is_proposed_too(desk: rows.Desk, sign_in: SignIn) -> None:
    source = desk.agent.source
    done, page = post(sign_in("risk"), "propose_new", source_of_orders=source, target_volatility="0.05")
    assert done, page
    assert ChangeRequest.objects.get(subject=source).payload["target_volatility"] == "0.05"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"kelly_cap": ""}, "Kelly needs"),
        ({"atr_multiple": ""}, "a true range needs"),
        ({"risk_fraction": "2"}, "at most at 1"),
        ({"risk_fraction": "one"}, "Enter a number"),
        ({"kelly_fraction": "NaN"}, "Enter a number"),
    ],
)
def test_figures_that_size_nothing_are_asked_again(
    rule: SizingRule, sign_in: SignIn, wrong: dict[str, str], says: str
) -> None:
    done, page = post(sign_in("risk"), "propose", rule.pk, **(FIGURES | wrong))
    assert not done
    assert says in page
    assert not ChangeRequest.objects.filter(kind="sizing").exists()


@pytest.mark.parametrize("role", ["viewer", "trader", "quant", "ops"])
def test_who_may_not_propose_is_refused(rule: SizingRule, sign_in: SignIn, role: str) -> None:
    done, _ = post(sign_in(role), "propose", rule.pk, **FIGURES)
    assert not done
    assert not ChangeRequest.objects.filter(kind="sizing").exists()


def test_the_list_shows_every_sizer(rule: SizingRule, sign_in: SignIn) -> None:
    SizingRule.objects.filter(pk=rule.pk).update(
        kelly_kind="continuous", kelly_fraction="0.25", kelly_cap=3, kelly_probe="0.001",
        atr_timeframe="4h", atr_share="0.01", atr_multiple=2, drawdown_scaling=True,
    )  # fmt: skip
    page = sign_in("viewer").get(reverse("admin:risk_sizingrule_changelist")).content.decode()
    assert "0.25 × continuous" in page
    assert "2 × 4h" in page
    assert sign_in("viewer").get(reverse("admin:risk_sizingrule_change", args=(rule.pk,))).status_code == 200
