"""The simulated venue's market: one seeded, deterministic matching core with a clock of its own.

It shares no code, database or arithmetic with the desk, because its log judges the desk. `venue.Venue`
puts the parts together; the fronts (`mt5_mcp.py`) translate a protocol into its few calls.
"""
