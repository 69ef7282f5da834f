"""The terms on which a socket is served: protocol v1."""

from dataclasses import dataclass

SUBPROTOCOL = "mtquant.v1"
MAX_CHANNELS = 200
MAX_FRAME_BYTES = 64 * 1024
OPERATIONS_A_SECOND = 20
RETRY_AFTER_S = 2

BAD_FRAME = 4400
NOT_SIGNED_IN = 4401
NOT_ALLOWED = 4403
SILENT = 4408
TOO_MANY_CHANNELS = 4413
TOO_FAST_OR_SLOW = 4429
GOING_DOWN = 4503


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How long things may last. `stalled_s`: how long a client may leave what was written to it unread."""

    heartbeat_s: float = 15.0
    silence_s: float = 45.0
    recheck_s: float = 60.0
    stalled_s: float = 10.0
    look_every_s: float = 1.0


class Leave(Exception):  # noqa: N818 (not an error: the way in which a socket ends)
    """Ends the socket with a close code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code
