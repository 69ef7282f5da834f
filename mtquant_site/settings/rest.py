"""REST and its schema."""

from typing import Any

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["apps.edges.access.BrowserSession"],
    "DEFAULT_PERMISSION_CLASSES": ["apps.edges.access.Member"],
    "DEFAULT_RENDERER_CLASSES": ["apps.edges.rendering.Json"],
    "DEFAULT_PARSER_CLASSES": ["apps.edges.parsing.Json"],
    "DEFAULT_SCHEMA_CLASS": "apps.edges.schema.Operations",
    "EXCEPTION_HANDLER": "apps.edges.problems.handle",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "MTQuant",
    "DESCRIPTION": "A trading desk. Money, prices and quantities are decimals as text; times are UTC.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "ENUM_SUFFIX": "",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "apps.edges.schema.add_problems",
    ],
    # The schema's names for lists of choices that several bodies share.
    "ENUM_NAME_OVERRIDES": {
        "OrderStatus": "apps.portfolio.api.shapes.STATUSES",
        "OrderType": "apps.portfolio.api.shapes.TYPES",
        "OrderKind": "apps.portfolio.api.shapes.KINDS",
        "Side": "apps.portfolio.api.shapes.SIDES",
        "Environment": "apps.portfolio.api.shapes.ENVIRONMENTS",
        "Timeframe": "apps.marketdata.api.shapes.TIMEFRAMES",
        "Level": "apps.risk.api.shapes.LEVELS",
        "LevelName": "apps.risk.api.shapes.LEVEL_NAMES",
        "Severity": "apps.risk.api.shapes.SEVERITIES",
        "ChangeKind": "apps.risk.api.changes.KINDS",
        "ChangeState": "apps.risk.api.changes.STATES",
        "ConnectionState": "apps.brokers.api.connections.STATES",
        "Market": "apps.marketdata.api.shapes.MARKETS",
        "SessionMarket": "mtquant_site.api.session.MARKETS",
        "Mode": "mtquant_site.api.session.MODES",
        "PolicyKind": "apps.agents.api.shapes.KINDS",
        "AgentStage": "apps.agents.api.shapes.STAGES",
        "AgentState": "apps.agents.api.shapes.STATES",
        "RunStatus": "apps.agents.api.shapes.RUN_STATUSES",
        "SignalOutcome": "apps.agents.api.shapes.OUTCOMES",
    },
}
