"""JSON that is sent to us, read by orjson: UTF-8 without NaN, and no deeper or longer than it may be."""

from collections.abc import Mapping
from typing import IO, Any

import orjson
from rest_framework.parsers import BaseParser

from apps.edges.problems import Problem

MOST_BYTES = 64 * 1024


class Json(BaseParser):
    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,  # noqa: ARG002 (the framework's signature)
        parser_context: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> Any:
        """Return the value. Raise a 413 problem for more than 64 kB, a 400 one for what is no JSON."""
        text = stream.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            raise Problem("too-large", f"A body has at most {MOST_BYTES:,} bytes.")
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise Problem("malformed", f"This is not JSON: {error}.") from None
