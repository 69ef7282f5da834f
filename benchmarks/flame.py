"""A picture of where a permit spends its time: `benchmarks/flame.py OUT.svg [--permits 400] [--title TEXT]`.

It starts a durable PostgreSQL and a Valkey of its own, asks for permits one after another, and looks at the
asking thread's stack every millisecond of wall time: waiting for the database is time too. `py-spy record`
draws the same from outside where it is installed; this needs nothing but Python.
"""

import argparse
import html
import os
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Self

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import race_stage  # noqa: E402

if TYPE_CHECKING:
    from apps.risk.management.races.stage import Stage

Stack = tuple[str, ...]
EVERY_S = 0.001
WIDTH, ROW, MARGIN, HEAD = 1200, 17, 10, 46
NARROWEST = 0.4  # pixels: what is thinner is not drawn
GLYPH = 6.4
AGENTS = 100
COLOURS = {"apps": "#4c9f70", "django": "#d9a441", "psycopg": "#c8553d", "decimal": "#7d6b91"}
OTHER = "#8d99ae"


class Sampler:
    """Counts the stacks of the thread that enters it, from another thread."""

    def __init__(self, every_s: float = EVERY_S) -> None:
        self.stacks: Counter[Stack] = Counter()
        self._every_s = every_s
        self._of = threading.get_ident()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._switch_s = sys.getswitchinterval()

    def __enter__(self) -> Self:
        sys.setswitchinterval(self._every_s / 4)  # else a busy thread is seen every 5 ms at most
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        sys.setswitchinterval(self._switch_s)

    def _look(self) -> None:
        while not self._over.wait(self._every_s):
            frame = sys._current_frames().get(self._of)  # noqa: SLF001 - its documented use: a profiler
            if frame is not None:
                self.stacks[_stack(frame)] += 1


def _stack(frame: FrameType | None) -> Stack:
    names: list[str] = []
    while frame is not None:
        code = frame.f_code
        names.append(f"{_module(code.co_filename)}:{code.co_name}")
        frame = frame.f_back
    return tuple(reversed(names))


def _module(path: str) -> str:
    """Write a file as its module, so that a picture looks the same wherever the repository lies."""
    for mark in ("/site-packages/", f"{ROOT}/", "/lib/python3"):
        if mark in path:
            path = path.rpartition(mark)[2] if mark != "/lib/python3" else path.rpartition(mark)[2][3:]
            break
    return path.removesuffix(".py").removesuffix("/__init__").strip("/").replace("/", ".")


@dataclass(slots=True)
class Node:
    """A function as called from its parents, with the samples it was seen in."""

    name: str
    count: int = 0
    children: dict[str, "Node"] = field(default_factory=dict)


def tree(stacks: Counter[Stack], root: str) -> Node:
    """Merge stacks from the function named `root` on; others are left out."""
    top = Node(name=root)
    for stack, count in stacks.items():
        at = next((at for at, name in enumerate(stack) if name.endswith(root)), None)
        if at is None:
            continue
        node = top
        node.count += count
        for name in stack[at + 1 :]:
            node = node.children.setdefault(name, Node(name=name))
            node.count += count
    return top


def depth(node: Node) -> int:
    return 1 + max((depth(child) for child in node.children.values()), default=0)


def picture(top: Node, *, title: str, note: str) -> str:
    """Draw the tree as an SVG: the caller above, its callees below in their order of size."""
    scale = (WIDTH - 2 * MARGIN) / max(1, top.count)
    height = HEAD + depth(top) * ROW + MARGIN
    rows: list[str] = []
    _draw(top, MARGIN, 0, scale, top.count, rows)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-size="11">',
            "<style>text { font-family: monospace }</style>",
            f'<rect width="{WIDTH}" height="{height}" fill="#fbfaf7"/>',
            f'<text x="{MARGIN}" y="18" font-size="14" font-weight="bold">{html.escape(title)}</text>',
            f'<text x="{MARGIN}" y="35" fill="#555">{html.escape(note)}</text>',
            *rows,
            "</svg>",
            "",
        ]
    )


def _draw(node: Node, left: float, level: int, scale: float, whole: int, rows: list[str]) -> None:
    wide = node.count * scale
    if wide < NARROWEST:
        return
    top = HEAD + level * ROW
    colour = next((colour for part, colour in COLOURS.items() if part in node.name), OTHER)
    words = html.escape(f"{node.name}  {node.count / whole:.1%}")
    room = int((wide - 4) / GLYPH)
    short = node.name.rpartition(".")[2] if len(node.name) > room else node.name
    label = html.escape(short[:room]) if room > 3 else ""
    rows.append(
        f'<g><title>{words}</title><rect x="{left:.1f}" y="{top}" width="{max(wide - 0.3, 0.1):.1f}" '
        f'height="{ROW - 1}" fill="{colour}" rx="1"/>'
        f'<text x="{left + 2:.1f}" y="{top + 12}" fill="#fff">{label}</text></g>'
    )
    for child in sorted(node.children.values(), key=lambda each: -each.count):
        _draw(child, left, level + 1, scale, whole, rows)
        left += child.count * scale


def asked(stage: "Stage", count: int) -> "list[OrderRequest]":
    stage.quote()
    stage.measure()
    # No agent asks hundreds of times in a minute: they take turns.
    return [
        stage.request("bench-0", f"agent:bench-{number % AGENTS}", Decimal("0.01")) for number in range(count)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--permits", type=int, default=400)
    parser.add_argument("--title", default="One permit: review.permit, alone, durable reservation")
    given = parser.parse_args()
    stage = race_stage.build(1)
    for request in asked(stage, AGENTS):
        crew.take_back(crew.ask(request).order_id)
    waiting = asked(stage, given.permits)
    sampler = Sampler()
    times = []
    with sampler:
        for number, request in enumerate(waiting):
            if not number % 50:
                stage.measure()  # limits are judged on a snapshot of the last five seconds
            since = time.perf_counter()
            verdict = review.permit(request)
            times.append((time.perf_counter() - since) * 1000)
            assert isinstance(verdict, Approved), verdict
            crew.take_back(verdict.order.client_order_id)
    top = tree(sampler.stacks, "apps.risk.review:permit")
    note = (
        f"{given.permits} permits, {top.count} samples of wall time; p50 with the sampler "
        f"{race_stage.quantile(times, 0.5):.1f} ms; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    given.out.write_text(picture(top, title=given.title, note=note))
    print(f"{given.out}: {note}")


if __name__ == "__main__":
    with race_stage.servers():
        from apps.portfolio.domain.order import OrderRequest
        from apps.risk import review
        from apps.risk.domain.verdict import Approved
        from apps.risk.management.races import crew

        main()
