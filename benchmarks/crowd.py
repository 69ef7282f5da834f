"""Brings a running desk to a number of agents that decide, for `benchmarks/order_path.py`.

    .venv/bin/python benchmarks/crowd.py 50

It pauses agents that are too many, resumes paused ones, and makes what is missing: copies of the busiest
baselines (moving-average cross, breakout) with 0.01 lots each. Use a desk that may be thrown away.
"""

import argparse
import os
import sys
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from deploy.desk import envfile  # noqa: E402

os.environ.update(envfile.read(ROOT / "var" / "desk.env"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mtquant_site.settings.local")

import django  # noqa: E402

django.setup()

from apps.agents import lifecycle  # noqa: E402
from apps.agents.models import Agent  # noqa: E402

BUSY = ("ma-cross", "breakout")
BY = {"reason": "benchmark", "by": "benchmark"}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("agents", type=int)
    wanted = parser.parse_args().agents
    deciding = busiest_first()
    models = [agent for agent, rule in deciding if rule in BUSY]
    for number in range(wanted - len(deciding)):
        copy(models[number % len(models)], number)
    for place, (agent, _) in enumerate(busiest_first()):
        if place < wanted and agent.state == "paused":
            lifecycle.resume(slug=agent.slug, **BY)
        elif place >= wanted and agent.state == "active":
            lifecycle.pause(slug=agent.slug, **BY)
    print(f"{Agent.objects.filter(state='active').exclude(version=None).count()} agents decide")


def busiest_first() -> list[tuple[Agent, str]]:
    """Return each agent that has a policy, with its rule; those that trade much come first."""
    found = [
        (agent, agent.version.rule) for agent in Agent.objects.select_related("version") if agent.version
    ]
    return sorted(found, key=lambda row: (row[1] not in BUSY, row[0].pk))


def copy(model: Agent, number: int) -> None:
    slug = f"{model.slug}-{number}"
    made = lifecycle.make_agent(
        slug=slug, account=model.account, instrument=model.instrument, timeframe=model.timeframe,
        max_lots=Decimal("0.01"), by="benchmark",
    )  # fmt: skip
    if made and model.version_id:
        lifecycle.deploy(slug=slug, version_id=model.version_id, **BY)


if __name__ == "__main__":
    main()
