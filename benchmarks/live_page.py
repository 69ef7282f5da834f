"""What 200 quotes a second do to /trade in a real Chromium, read from a running desk.

    ./mtquant up --detach, wait for the web app, then: .venv/bin/python benchmarks/live_page.py [--seconds 60]

Twenty instruments are quoted ten times a second each, straight into the place where ingestion puts the latest
quotes (eight or more of them exist for this run only: use a desk that may be thrown away). Prints the frames
that arrived, how often the watchlist was painted, the longest frame, and the accessibility findings.
"""

import argparse
import json
import os
import sys
import threading
import time
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from deploy.desk import envfile  # noqa: E402

DESK = ROOT / "var" / "desk.env"
os.environ.update(envfile.read(DESK))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mtquant_site.settings.local")

import django  # noqa: E402

django.setup()

from axe_playwright_python.sync_playwright import Axe  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402

from apps.marketdata import clock, ingestion, instruments, quotes  # noqa: E402
from apps.marketdata.domain.instrument import InstrumentSpec  # noqa: E402
from apps.marketdata.domain.quote import Quote  # noqa: E402

INSTRUMENTS, PER_SECOND = 20, 10
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
WATCH = """
() => {
  const seen = window.__seen = {frames: 0, paints: 0, longest: 0, long_tasks: [], gaps: []};
  let last = performance.now(), dirty = false;
  const list = document.querySelector('section[aria-label="Watchlist"]') ?? document.body;
  new MutationObserver(() => { dirty = true; }).observe(
    list, {subtree: true, childList: true, characterData: true, attributes: true});
  new PerformanceObserver((found) => {
    for (const {duration} of found.getEntries()) seen.long_tasks.push(duration);
  }).observe({entryTypes: ['longtask']});
  const frame = (now) => {
    seen.frames += 1;
    seen.longest = Math.max(seen.longest, now - last);
    seen.gaps.push(now - last);
    last = now;
    if (dirty) { seen.paints += 1; dirty = false; }
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--chromium", default=os.environ.get("MTQ_CHROMIUM", "/usr/bin/chromium"))
    given = parser.parse_args()
    names = twenty()
    web = f"http://{os.environ['MTQ_WEB_HOST']}:{os.environ['MTQ_WEB_PORT']}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=given.chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        received = count_frames(page)
        sign_in(page, web)
        measure(page, names, received, seconds=given.seconds)
        for path in ("/trade", "/agents"):
            page.goto(f"{web}{path}")
            page.wait_for_timeout(2000)
            findings(page, path)
        browser.close()


def twenty() -> list[str]:
    """Return twenty instruments, made up where the desk has fewer."""
    known = instruments.specs()
    made = [
        (f"BENCH{number:02d}", spec_like(next(iter(known.values())), f"BENCH{number:02d}"))
        for number in range(INSTRUMENTS - len(known))
    ]
    if made:
        ingestion.register(source="benchmark", specs=made)
    return [*known, *(name for name, _ in made)][:INSTRUMENTS]


def spec_like(model: InstrumentSpec, name: str) -> InstrumentSpec:
    return InstrumentSpec(
        name=name,
        base_currency=model.base_currency,
        quote_currency=model.quote_currency,
        contract_size=model.contract_size,
        tick_size=model.tick_size,
        lot_step=model.lot_step,
        lot_min=model.lot_min,
        lot_max=model.lot_max,
        margin_rate=model.margin_rate,
        allows_negative_price=False,
    )


def count_frames(page: Page) -> dict[str, int]:
    """Count the socket's quote frames as the browser receives them."""
    received = {"quotes": 0, "all": 0}

    def note(payload: str | bytes) -> None:
        received["all"] += 1
        received["quotes"] += b'"quotes:' in (payload.encode() if isinstance(payload, str) else payload)

    page.on("websocket", lambda socket: socket.on("framereceived", note))
    return received


def sign_in(page: Page, web: str) -> None:
    password = json.loads(Path(os.environ["MTQ_USERS_FILE"]).read_text())["trader"]
    page.goto(f"{web}/trade")
    page.get_by_role("textbox", name="User").fill("trader")
    page.get_by_role("textbox", name="Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{web}/trade")
    page.wait_for_timeout(3000)


def measure(page: Page, names: list[str], received: dict[str, int], *, seconds: int) -> None:
    stop = threading.Event()
    feeder = threading.Thread(target=feed, args=(names, stop))
    feeder.start()
    page.wait_for_timeout(3000)
    before = dict(received)
    page.evaluate(WATCH)
    page.wait_for_timeout(seconds * 1000)
    seen: dict[str, Any] = page.evaluate("() => window.__seen")
    stop.set()
    feeder.join()
    gaps = sorted(seen["gaps"])
    print(
        f"/trade, {seconds} s: {(received['quotes'] - before['quotes']) / seconds:.0f} quotes/s in, "
        f"watchlist painted {seen['paints'] / seconds:.1f} times/s, {seen['frames'] / seconds:.0f} frames/s, "
        f"frame p99 {gaps[int(len(gaps) * 0.99)]:.1f} ms, longest {seen['longest']:.1f} ms, "
        f"{len(seen['long_tasks'])} tasks over 50 ms, longest {max(seen['long_tasks'], default=0):.0f} ms, "
        f"load average {os.getloadavg()[0]:.1f}"
    )


def feed(names: list[str], stop: threading.Event) -> None:
    """Quote every instrument ten times a second, each a little apart from the last."""
    shelf, step = quotes.shelf(), 0
    while not stop.wait(1 / PER_SECOND):
        step += 1
        now = clock.desk_now() + timedelta(milliseconds=1)
        bid = Decimal(1) + Decimal(step % 400) / 10_000
        shelf.put(
            Quote(instrument=name, bid=bid, ask=bid + Decimal("0.0001"), quote_at=now) for name in names
        )
        time.sleep(0)


def findings(page: Page, path: str) -> None:
    """Print what axe found, each with its weight and the first place where it was seen."""
    found = Axe().run(page).response["violations"]
    serious = [rule for rule in found if rule["impact"] in {"serious", "critical"}]
    print(f"axe {path}: {len(found)} findings, {len(serious)} serious")
    for rule in found:
        print(f"  {rule['impact']} {rule['id']}: {rule['nodes'][0]['target']}")


if __name__ == "__main__":
    main()
