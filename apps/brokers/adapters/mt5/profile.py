"""How one MT5 server wants to be spoken to, as data: what must exist, which tool does what."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mcp import types as mcp

from apps.brokers.errors import ProfileMismatch

Arguments = Callable[..., dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A tool and how its arguments are built."""

    tool: str
    arguments: Arguments = dict


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """`paths` are properties that a tool's input schema must show: (tool, property, and so on inward)."""

    name: str
    operations: Mapping[str, Operation]
    paths: tuple[tuple[str, ...], ...]
    hedging_paths: tuple[tuple[str, ...], ...]
    client_tag: bool
    stop_on_entry: bool
    partial_close: bool
    price_bound: bool
    amend: tuple[str, ...]

    def check(self, tools: Mapping[str, mcp.Tool], *, hedging: bool) -> None:
        """Raise ProfileMismatch unless the server shows everything that this profile uses."""
        missing = sorted({operation.tool for operation in self.operations.values()} - tools.keys())
        if missing:
            raise ProfileMismatch(f"the server is no {self.name}: it lacks {', '.join(missing)}")
        for tool, *path in (*self.paths, *(self.hedging_paths if hedging else ())):
            if not has_path(tools[tool].input_schema, path):
                raise ProfileMismatch(f"{tool} takes no {'.'.join(path)}: this server would drop it silently")


def has_path(schema: Mapping[str, Any], path: list[str]) -> bool:
    """Tell whether a JSON schema shows properties nested as in `path`, following references."""
    return _shows(schema, schema, path)


def _shows(root: Mapping[str, Any], part: Mapping[str, Any], path: list[str]) -> bool:
    if not path:
        return True
    for seen in _alternatives(root, part):
        inner = seen.get("properties", {}).get(path[0])
        if inner is not None and _shows(root, inner, path[1:]):
            return True
    return False


def _alternatives(root: Mapping[str, Any], part: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield part
    if "$ref" in part:
        target: Any = root
        for step in part["$ref"].removeprefix("#/").split("/"):
            target = target.get(step, {})
        yield from _alternatives(root, target)
    for key in ("anyOf", "oneOf", "allOf"):
        for option in part.get(key, ()):
            yield from _alternatives(root, option)


def _request(request: dict[str, Any]) -> dict[str, Any]:
    return {"request": request}


QOYYUUM = Profile(
    name="qoyyuum",
    operations={
        "initialize": Operation(tool="initialize"),
        "login": Operation(tool="login"),
        "terminal": Operation(tool="get_terminal_info"),
        "account": Operation(tool="get_account_info"),
        "symbols": Operation(tool="get_symbols"),
        "symbol": Operation(tool="get_symbol_info"),
        "select": Operation(tool="symbol_select"),
        "tick": Operation(tool="get_symbol_info_tick"),
        "bars": Operation(tool="copy_rates_range"),
        "positions": Operation(tool="positions_get"),
        "orders": Operation(tool="orders_get"),
        "past_orders": Operation(tool="history_orders_get"),
        "deals": Operation(tool="history_deals_get"),
        "send": Operation(tool="order_send", arguments=_request),
    },
    paths=(("order_send", "request", "magic"), ("order_send", "request", "order")),
    hedging_paths=(("order_send", "request", "position"),),
    client_tag=True,
    stop_on_entry=True,
    partial_close=True,
    price_bound=True,
    # A pending order keeps its volume for life: other lots would be another order.
    amend=("price", "stop_loss", "take_profit"),
)

PROFILES = {profile.name: profile for profile in (QOYYUUM,)}


def profile_named(name: str) -> Profile:
    """Raise ProfileMismatch where no such profile ships."""
    try:
        return PROFILES[name]
    except KeyError:
        raise ProfileMismatch(f"no profile is called {name!r}; known are {', '.join(PROFILES)}") from None
