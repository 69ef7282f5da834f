"""Time of `risk.review.permit` with a durable reservation: `benchmarks/permit.py [--rounds N] [--permits N]`.

A PostgreSQL of its own waits for the disk at each commit. Writers are threads of several processes, each with
a connection, in a closed loop: ask until there is a verdict (busy answers are asked again, and all of that
waiting counts), take the order back untimed, ask for the next. The peer is a plain implementation of one
limit, with row locks and six round trips, on the same server in turn. Each line is the median of the rounds
by p99.
"""

import argparse
import multiprocessing
import os
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import plain_permit, race_stage  # noqa: E402
from benchmarks.race_stage import quantile  # noqa: E402

if TYPE_CHECKING:
    from apps.risk.management.races.crew import Crew
    from apps.risk.management.races.stage import Stage

CHECK_RUNS = 2000
AGENTS = 20  # behind each writer: none asks hundreds of times in a minute
LOTS = plain_permit.LOTS
_forks = multiprocessing.get_context("fork")


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """`processes` x `threads` writers on so many accounts."""

    name: str
    processes: int
    threads: int
    accounts: int

    @property
    def writers(self) -> int:
        return self.processes * self.threads


LOADS = (
    Load(name="alone", processes=1, threads=1, accounts=1),
    Load(name="8 writers, 1 account", processes=4, threads=2, accounts=1),
    Load(name="32 writers, 1 account", processes=4, threads=8, accounts=1),
    Load(name="8 writers, 8 accounts", processes=4, threads=2, accounts=8),
)


@dataclass(slots=True)
class Seen:
    """The rounds of one load: milliseconds of each permit, and how many answers were busy."""

    rounds: list[list[float]] = field(default_factory=list)
    busy: int = 0
    failed: Counter[str] = field(default_factory=Counter)

    def median(self) -> list[float]:
        return sorted(self.rounds, key=lambda times: quantile(times, 0.99))[len(self.rounds) // 2]


def ours(crew: "Crew", stage: "Stage", load: Load, permits: int, seen: Seen) -> None:
    stage.quote()
    stage.measure()
    scripts = [
        Script(
            requests=tuple(
                stage.request(
                    f"bench-{writer % load.accounts}", f"agent:bench-{writer}-{number % AGENTS}", LOTS
                )
                for number in range(permits)
            ),
            takes_back=True,
        )
        for writer in range(load.writers)
    ]
    crew.start(scripts)
    answers = [answer for told in crew.finish(meanwhile=stage.measure) for answer in told]
    seen.failed.update(reason for answer in answers for reason in answer.reasons)
    seen.busy += sum(len(answer.why_busy) for answer in answers)
    seen.rounds.append([answer.verdict_ms for answer in answers])


def plain(url: str, load: Load, permits: int, seen: Seen) -> None:
    gate = _forks.Barrier(load.writers)
    told: multiprocessing.Queue[list[float]] = _forks.Queue()
    mark = f"{time.monotonic_ns()}"
    processes = [
        _forks.Process(target=_plain_process, args=(url, load, permits, at, mark, gate, told))
        for at in range(load.processes)
    ]
    for process in processes:
        process.start()
    seen.rounds.append([each for _ in processes for each in told.get()])
    for process in processes:
        process.join()


def _plain_process(
    url: str,
    load: Load,
    permits: int,
    at: int,
    mark: str,
    gate: Barrier,
    told: "multiprocessing.Queue[list[float]]",
) -> None:
    def write(thread: int) -> list[float]:
        writer = at * load.threads + thread
        times = []
        with psycopg.connect(url, autocommit=True) as connection:
            gate.wait()
            for number in range(permits):
                signal = f"{mark}-{writer}-{number}"
                times.append(plain_permit.permit(connection, writer % load.accounts, signal))
                plain_permit.take_back(connection, signal)
        return times

    with ThreadPoolExecutor(load.threads) as pool:
        told.put([each for times in pool.map(write, range(load.threads)) for each in times])


def checks_alone(stage: "Stage", account: str) -> list[float]:
    """Return the CPU milliseconds of asking every check about one entry, caught from a real permit."""
    caught: list[tuple[OrderRequest, Context]] = []
    run = checks.run

    def catch(request: "OrderRequest", context: "Context", **options: Any) -> "tuple[Result, ...]":
        caught.append((request, context))
        return run(request, context, **options)

    checks.run = catch  # type: ignore[assignment]
    try:
        crew_module.ask(stage.request(account, "agent:bench-0", LOTS))
    finally:
        checks.run = run
    request, context = caught[-1]
    times = []
    for _ in range(CHECK_RUNS):
        since = time.thread_time_ns()
        found = run(request, context)
        times.append((time.thread_time_ns() - since) / 1e6)
    book = context.book
    print(
        f"{len(found)} checks on a book of {len(book.holdings)} positions and {len(book.open_orders)} open "
        f"orders, CPU time: p50 {quantile(times, 0.5):.2f} ms, p99 {quantile(times, 0.99):.2f} ms"
    )
    return times


def show(load: Load, seen: Seen, peer: Seen) -> None:
    times, others = seen.median(), peer.median()
    p50, p99 = quantile(times, 0.5), quantile(times, 0.99)
    low, high = quantile(others, 0.5), quantile(others, 0.99)
    spread = ", ".join(f"{quantile(each, 0.99):.0f}" for each in seen.rounds)
    print(
        f"{load.name:<22} p50 {p50:6.1f}  p99 {p99:6.1f} ms   plain p50 {low:6.1f}  p99 {high:6.1f} ms   "
        f"ratio of p99 {p99 / high:4.1f}   {seen.busy} busy   p99 by round {spread}"
        + (f"   FAILED {dict(seen.failed)}" if seen.failed else "")
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--permits", type=int, default=200, help="in each round, of all writers together")
    given = parser.parse_args()
    with_crew = {load.name: (load, Crew(load.processes, load.threads)) for load in LOADS}
    stage = race_stage.build()
    plain_permit.prepare(bed.postgres.url, race_stage.ACCOUNTS)
    seen = {load.name: Seen() for load in LOADS}
    peer = {load.name: Seen() for load in LOADS}
    syncs = race_stage.sync_ms(bed.var)
    for load, crew in with_crew.values():
        ours(crew, stage, load, AGENTS, Seen())  # what is born with the first orders
    for _ in range(given.rounds):
        for load, crew in with_crew.values():
            permits = max(1, given.permits // load.writers)
            ours(crew, stage, load, permits, seen[load.name])
            plain(bed.postgres.url, load, permits, peer[load.name])
    syncs += race_stage.sync_ms(bed.var)
    print(
        f"disk sync of 8 kB p50 {quantile(syncs, 0.5):.2f} ms, p99 {quantile(syncs, 0.99):.2f} ms; "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {given.rounds} rounds of {given.permits} "
        "permits, median round; each order is taken back before the writer's next"
    )
    for load, crew in with_crew.values():
        show(load, seen[load.name], peer[load.name])
        crew.close()
    stage.quote()
    for number in range(10):
        crew_module.ask(stage.request("bench-0", f"agent:bench-{number}", LOTS))
    checks_alone(stage, "bench-0")


if __name__ == "__main__":
    with race_stage.servers() as bed:
        from apps.portfolio.domain.order import OrderRequest
        from apps.risk.domain import checks
        from apps.risk.domain.checks import Context, Result
        from apps.risk.management.races import crew as crew_module
        from apps.risk.management.races.crew import Crew, Script

        main()
