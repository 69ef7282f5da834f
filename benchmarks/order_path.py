"""How long the way of a tick takes, read from the rows of a running desk: nothing is simulated here.

    ./mtquant up --detach, let it trade, then: .venv/bin/python benchmarks/order_path.py [--minutes 10]

Prints p50 and p99 in milliseconds of each part of the way, with the load that the desk carried meanwhile.
`benchmarks/crowd.py 50` brings the desk to fifty agents before.
The parts: bar visible -> signal recorded -> order permitted -> SENDING committed -> venue's answer booked;
`permit` is the transaction alone, as each review keeps it.
"""

import argparse
import os
from pathlib import Path

import psycopg

PARTS = {
    "bar visible -> signal": ("s.announced_at", "s.created_at"),
    "signal -> permitted": ("s.created_at", "o.created_at"),
    "permitted -> sending": ("o.created_at", "o.sent_at"),
    "sending -> answer booked": ("o.sent_at", "e.created_at"),
    "bar visible -> answer booked": ("s.announced_at", "e.created_at"),
}
ROWS = """
    from portfolio_order o
    join portfolio_orderevent e on e.order_id = o.id and e.kind = 'fill'
    join agents_agent a on o.source = 'agent:' || a.slug
    join agents_signal s on s.agent_id = a.id
        and to_char(s.bar_close_at, 'YYYYMMDD"T"HH24MISS') = o.signal_key
    where o.created_at > now() - make_interval(mins => %s) and o.leg = (
        select min(leg) from portfolio_order x where x.source = o.source and x.signal_key = o.signal_key)
"""
QUANTILES = "percentile_cont(array[0.5, 0.99]) within group (order by {})"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=int, default=10)
    minutes = parser.parse_args().minutes
    with psycopg.connect(address(), autocommit=True) as rows:
        print(load(rows, minutes))
        print(f"{'part':<32}{'count':>7}{'p50 ms':>10}{'p99 ms':>10}")
        for name, (first, last) in PARTS.items():
            milliseconds = f"extract(epoch from {last} - {first}) * 1000"
            show(name, rows.execute(f"select count(*), {QUANTILES.format(milliseconds)} {ROWS}", [minutes]))
        show(
            "permit, one transaction",
            rows.execute(
                f"select count(*), {QUANTILES.format('elapsed_ms')} from risk_riskreview "
                "where created_at > now() - make_interval(mins => %s)",
                [minutes],
            ),
        )


def address() -> str:
    if os.environ.get("DATABASE_URL"):
        return os.environ["DATABASE_URL"]
    desk = Path(__file__).parents[1] / "var" / "desk.env"
    return dict(line.split("=", 1) for line in desk.read_text().splitlines() if "=" in line)["DATABASE_URL"]


def load(rows: "psycopg.Connection[tuple[object, ...]]", minutes: int) -> str:
    agents = rows.execute(
        "select count(*), count(distinct instrument) from agents_agent "
        "where state = 'active' and version_id is not null"
    ).fetchone()
    orders = rows.execute(
        "select count(*) from portfolio_order where created_at > now() - make_interval(mins => %s)", [minutes]
    ).fetchone()
    assert agents is not None
    assert orders is not None
    cores = os.cpu_count()
    return (
        f"load: {agents[0]} agents on {agents[1]} instruments, {orders[0]} orders in {minutes} min, "
        f"{cores} cores, load average {os.getloadavg()[0]:.1f}"
    )


def show(name: str, cursor: "psycopg.Cursor[tuple[object, ...]]") -> None:
    found = cursor.fetchone()
    assert found is not None
    count, quantiles = found
    p50, p99 = quantiles if isinstance(quantiles, list) else (float("nan"), float("nan"))
    print(f"{name:<32}{count:>7}{p50:>10.1f}{p99:>10.1f}")


if __name__ == "__main__":
    main()
