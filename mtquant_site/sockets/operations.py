"""What a client may ask for, and how it is asked: one JSON object a frame, each with an integer id."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from apps.broadcast.frames import encode, stamp
from apps.edges import problems
from apps.edges.problems import Problem
from mtquant_site.sockets.terms import (
    BAD_FRAME,
    MAX_FRAME_BYTES,
    OPERATIONS_A_SECOND,
    TOO_FAST_OR_SLOW,
    Leave,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    id: int
    op: str
    asked: Mapping[str, Any]

    def channels(self) -> list[str]:
        """Return the channels it names, each once. Raises Problem."""
        named = self.asked.get("ch")
        if not isinstance(named, list) or not named or not all(isinstance(name, str) for name in named):
            raise problems.invalid("ch", "A list of channel names is needed.", place="body")
        return list(dict.fromkeys(named))


def parse(message: Mapping[str, Any]) -> Operation:
    """Read one incoming frame. Raises Leave for what is not an operation at all."""
    text = message.get("text")
    if not isinstance(text, str) or len(text.encode()) > MAX_FRAME_BYTES:
        raise Leave(BAD_FRAME)
    try:
        asked = orjson.loads(text)  # it takes nothing that the answer could not be written with
    except orjson.JSONDecodeError:
        raise Leave(BAD_FRAME) from None
    if not isinstance(asked, dict):
        raise Leave(BAD_FRAME)
    number, op = asked.get("id"), asked.get("op")
    if isinstance(number, bool) or not isinstance(number, int) or not isinstance(op, str):
        raise Leave(BAD_FRAME)
    return Operation(id=number, op=op, asked=asked)


class Meter:
    """Ends a socket that asks for more than 20 operations within a second."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=OPERATIONS_A_SECOND)

    def count(self, now: float) -> None:
        """Count one. `now` is monotonic, in seconds. Raises Leave."""
        if len(self._times) == OPERATIONS_A_SECOND and now - self._times[0] < 1:
            raise Leave(TOO_FAST_OR_SLOW)
        self._times.append(now)


def frame(kind: str, **members: Any) -> str:
    """Return an outgoing frame that is no snapshot or update."""
    return encode({"t": kind} | members | {"ts": stamp()}).decode()


def ack(operation: Operation, **members: Any) -> str:
    return frame("ack", id=operation.id, **members)


def err(operation: Operation, problem: Problem, **members: Any) -> str:
    """Return the refusal of an operation, with the body that REST would answer."""
    body = problems.body(problem.kind, str(problem.detail), instance="/ws/v1/", **problem.more)
    return frame("err", id=operation.id, **members, problem=body)
