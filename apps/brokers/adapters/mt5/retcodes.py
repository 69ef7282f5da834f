"""What MT5's return codes prove about an order. Unlisted codes prove nothing."""

from enum import Enum


class Proof(Enum):
    DONE = "done"
    PARTLY = "partly"  # the filled part stands, the rest is cancelled
    REFUSED = "refused"
    UNKNOWN = "unknown"


_REFUSED: dict[int, str] = {
    10004: "requote",
    10006: "rejected by the dealer",
    10007: "cancelled by the dealer",
    10013: "invalid request",
    10014: "invalid volume",
    10015: "invalid price",
    10016: "invalid stops",
    10017: "trading is off",
    10018: "market closed",
    10019: "no money",
    10020: "price changed",
    10021: "no quotes",
    10022: "invalid expiration",
    10023: "order changed meanwhile",
    10024: "too many requests",
    10026: "algorithmic trading is off at the server",
    10027: "algorithmic trading is off in the terminal",
    10028: "locked for processing",
    10029: "frozen: too close to the market",
    10030: "unsupported filling mode",
    10032: "real accounts only",
    10033: "too many pending orders",
    10034: "volume limit of the symbol",
    10035: "invalid order type",
    10038: "close volume exceeds the position",
    10039: "a close order exists already",
    10040: "too many positions",
    10041: "rejected and cancelled",
    10042: "long positions only",
    10043: "short positions only",
    10044: "closing only",
    10045: "first in, first out",
}

RETCODES: dict[int, tuple[Proof, str]] = {
    10008: (Proof.DONE, "placed"),
    10009: (Proof.DONE, "done"),
    10010: (Proof.PARTLY, "done in part"),
    # Nothing was changed because nothing needed to be: as good as done for whoever asked for it.
    10025: (Proof.DONE, "no changes"),
    # 10036 proves that this request did nothing: the position it was to close was closed before.
    10036: (Proof.REFUSED, "position already closed"),
    10011: (Proof.UNKNOWN, "processing error"),
    10012: (Proof.UNKNOWN, "timeout at the venue"),
    10031: (Proof.UNKNOWN, "no connection to the trade server"),
    **{code: (Proof.REFUSED, text) for code, text in _REFUSED.items()},
}

SLOW_DOWN = frozenset({10024, 10028})
ASK_AN_OPERATOR = frozenset({10026, 10027, 10032})


def meaning(retcode: int | None) -> tuple[Proof, str]:
    if retcode is None:
        return Proof.UNKNOWN, "no return code"
    return RETCODES.get(retcode, (Proof.UNKNOWN, f"unlisted return code {retcode}"))
