"""Faults on demand: armed over the control port, used up by the next calls they fit."""

import time
from dataclasses import dataclass

KINDS = {
    "drop_reply": "the order is executed, its answer comes only as a timeout after `seconds`",
    "delay": "the order is executed, its answer comes `seconds` late",
    "lost_order": "the order never arrives, the caller sees a timeout after `seconds`",
    "hide_order": "the caller sees a timeout at once, the order is executed `seconds` later",
    "requote": "refused with 10004",
    "no_money": "refused with 10019",
    "partial_fill": "the part `fraction` of a market order is filled, the rest cancelled (10010)",
    "disconnect": "the terminal loses its connection for `seconds`",
    "duplicate": "history answers give every deal twice",
}


@dataclass(slots=True, kw_only=True)
class Fault:
    kind: str
    count: int = 1
    seconds: float = 5.0
    fraction: float = 0.5


class Faults:
    def __init__(self) -> None:
        self._armed: dict[str, Fault] = {}
        self.down_until = 0.0  # of the monotonic clock: until then no terminal is connected

    def arm(self, fault: Fault) -> None:
        """Replace what was armed of that kind; a count of 0 disarms it."""
        if fault.kind not in KINDS:
            raise ValueError(f"unknown fault {fault.kind!r}; known are {', '.join(KINDS)}")
        if fault.kind == "disconnect":
            self.down_until = time.monotonic() + fault.seconds
        else:
            self._armed[fault.kind] = fault

    def take(self, kind: str) -> Fault | None:
        """Use up one of that kind, or return None."""
        fault = self._armed.get(kind)
        if fault is None or fault.count <= 0:
            return None
        fault.count -= 1
        return fault

    def armed(self) -> dict[str, int]:
        return {kind: fault.count for kind, fault in self._armed.items() if fault.count > 0}
