"""The HTTP under an MCP session: explicit timeouts, no retries, and proof where no byte left."""

import json

import httpx2

NOT_SENT = -32098  # ours, from the range that JSON-RPC leaves to implementations
CONNECT_TIMEOUT_S = 2.0
# Servers close an idle connection after 5 s by default. A request written just then is lost, and a lost
# order is in doubt: so no connection is used again that has been idle for longer than this.
IDLE_CONNECTION_S = 2.0


class ProvenTransport(httpx2.AsyncBaseTransport):
    """Answers a request whose connection never opened with an error of its own.

    The MCP client dies of a refused connection and fails every call alike. Here the one call that was
    never written learns exactly that, which lets an order go back to APPROVED instead of into doubt.
    """

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        try:
            return await self._inner.handle_async_request(request)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            request_id = request_id_of(request)
            if request_id is None:
                raise
            complaint = {"code": NOT_SENT, "message": f"no connection to {request.url.host}: {error}"}
            body = {"jsonrpc": "2.0", "id": request_id, "error": complaint}
            return httpx2.Response(200, json=body, request=request)

    async def aclose(self) -> None:
        await self._inner.aclose()


def request_id_of(request: httpx2.Request) -> int | str | None:
    """Return the JSON-RPC id of a POST, None where the request carries none."""
    if request.method != "POST":
        return None
    try:
        found = json.loads(request.content).get("id")
    except (ValueError, AttributeError, httpx2.RequestNotRead):
        return None
    return found if isinstance(found, int | str) else None


def http_client(*, read_timeout_s: float) -> httpx2.AsyncClient:
    limits = httpx2.Limits(max_connections=100, keepalive_expiry=IDLE_CONNECTION_S)
    return httpx2.AsyncClient(
        transport=ProvenTransport(httpx2.AsyncHTTPTransport(retries=0, limits=limits)),
        timeout=httpx2.Timeout(5.0, connect=CONNECT_TIMEOUT_S, read=read_timeout_s),
        trust_env=False,
    )
