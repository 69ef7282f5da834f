"""The admin's theme and its menu. Links are resolved when a page is made, since settings come before URLs."""

from collections.abc import Callable
from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy


def _page(title: str, icon: str, model: str, name_of_page: str = "") -> dict[str, Any]:
    """Return a menu entry for a model's list, or a page beside it, shown to those who may see the list."""
    app, name = model.split(".")
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{name_of_page or f'{app}_{name}_changelist'}"),
        "permission": _may_see(app, name),
    }


def _may_see(app: str, name: str) -> Callable[[Any], bool]:
    return lambda request: bool(request.user.has_perm(f"{app}.view_{name}"))


def _group(title: str, *pages: dict[str, Any]) -> dict[str, Any]:
    return {"title": title, "separator": True, "items": list(pages)}


MENU = [
    {"items": [{"title": "Desk", "icon": "space_dashboard", "link": reverse_lazy("admin:index")}]},
    _group(
        "Trading",
        _page("Orders", "receipt_long", "portfolio.order"),
        _page("Fills", "task_alt", "portfolio.fill"),
        _page("Positions", "stacks", "portfolio.position"),
        _page("Equity", "monitoring", "portfolio.equitysnapshot"),
    ),
    _group(
        "Agents",
        _page("Agents", "smart_toy", "agents.agent"),
        _page("Signals", "bolt", "agents.signal"),
        _page("Policies", "account_tree", "agents.policyversion"),
        _page("Trainings", "model_training", "agents.trainingrun"),
        _page("Evaluations", "query_stats", "agents.evaluation"),
        _page("Agent log", "history", "agents.agentevent"),
    ),
    _group(
        "Risk",
        _page("Breakers", "emergency_home", "risk.breakerstate"),
        _page("Breaker events", "history", "risk.breakerevent"),
        _page("Headroom", "speed", "risk.risklimit", "risk_headroom"),
        _page("Measures", "query_stats", "risk.risksnapshot", "risk_figures"),
        _page("Limits", "rule", "risk.risklimit"),
        _page("Approvals", "how_to_reg", "risk.changerequest"),
        _page("Sizing", "straighten", "risk.sizingrule"),
        _page("Permissions", "checklist", "risk.instrumentpermission"),
        _page("Restricted", "do_not_disturb_on", "risk.restrictedinstrument"),
        _page("Classes", "label", "risk.instrumentclass"),
        _page("Reviews", "fact_check", "risk.riskreview"),
        _page("Denials", "block", "risk.riskreview", "risk_denials"),
        _page("Alerts", "notifications", "risk.alert"),
    ),
    _group(
        "Venues",
        _page("Connections", "lan", "brokers.brokerconnection"),
        _page("Symbols", "translate", "brokers.symbolmapping"),
        _page("Health log", "ecg_heart", "brokers.connectioncheck"),
    ),
    _group(
        "Market data",
        _page("Instruments", "currency_exchange", "marketdata.instrument"),
        _page("Feeds", "stream", "marketdata.feedrun"),
        _page("Quality", "verified", "marketdata.qualityreport"),
    ),
    _group(
        "House",
        _page("Accounts", "account_balance", "portfolio.account"),
        _page("Cash", "payments", "portfolio.cashflow"),
        _page("Audit", "gavel", "portfolio.auditentry"),
        _page("Users", "group", "auth.user"),
    ),
]

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "MTQuant",
    "SITE_HEADER": "MTQuant",
    "SITE_SUBHEADER": "Trading desk",
    "SITE_SYMBOL": "candlestick_chart",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda _: static("mtquant/icon.svg")},
    ],
    "SITE_URL": None,
    "LOGIN": {"image": lambda _: static("mtquant/login.svg")},
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": False,
    "BORDER_RADIUS": "8px",
    "STYLES": [lambda _: static("mtquant/desk.css")],
    "SCRIPTS": [lambda _: static("mtquant/desk.js")],
    "COLORS": {
        "base": {
            "50": "oklch(98.4% .003 247.9)",
            "100": "oklch(96.4% .006 247.9)",
            "200": "oklch(92.4% .010 250)",
            "300": "oklch(86.5% .016 252)",
            "400": "oklch(70.4% .030 255)",
            "500": "oklch(55.4% .036 257)",
            "600": "oklch(44.6% .036 257)",
            "700": "oklch(35.5% .034 258)",
            "800": "oklch(26.5% .030 259)",
            "900": "oklch(20.2% .026 260)",
            "950": "oklch(14.5% .022 261)",
        },
        "primary": {
            "50": "oklch(97.5% .014 220)",
            "100": "oklch(94.5% .034 219)",
            "200": "oklch(89.5% .062 217)",
            "300": "oklch(82.0% .100 216)",
            "400": "oklch(73.5% .130 220)",
            "500": "oklch(65.0% .135 225)",
            "600": "oklch(56.0% .125 230)",
            "700": "oklch(48.0% .108 233)",
            "800": "oklch(41.0% .088 235)",
            "900": "oklch(35.0% .070 236)",
            "950": "oklch(26.0% .052 238)",
        },
    },
    "COMMAND": {"search_models": True, "show_history": False},
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "show_all_applications": False,
        "navigation": MENU,
    },
}
