"""The simulated venue seen as a MetaTrader 5 terminal behind an MCP server."""
