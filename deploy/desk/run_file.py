"""run.json: what this var/ trades on. One var/ holds one run; only its speed may change between starts."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from deploy.desk.refusal import Refusal
from deploy.desk.servers import write_private

SYNTHETIC_START = "2026-01-05T00:00:00Z"  # a Monday
DEFAULT_SPEED = 60.0
DEFAULT_SEED = 1
VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the user typed after `up`; None where nothing was said."""

    speed: float | None = None
    seed: int | None = None
    data: tuple[str, ...] = ()
    start: str | None = None  # --from
    zone: str | None = None  # --tz: the clock of files that do not say


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    run: str
    data: tuple[str, ...]
    start: str | None
    seed: int
    speed: float
    created_at: str
    zone: str | None = None


def settle(path: Path, wishes: Wishes, *, begun: bool = True, now: datetime | None = None) -> Run:
    """Continue the run in `path` or begin one as wished. Raises Refusal when the wish is for another run.

    A run whose first start failed has not `begun`: other wishes replace it without a reset.
    """
    known = read(path)
    names_a_market = bool(wishes.data or wishes.start or wishes.zone) or wishes.seed is not None
    if known is None or (names_a_market and not begun):
        run = _begin(wishes, now or datetime.now(UTC))
    else:
        refuse_another(known, wishes)
        run = replace(known, speed=wishes.speed or known.speed)
    if run != known:
        write_private(path, json.dumps(asdict(run) | {"version": VERSION}, indent=2) + "\n")
    return run


def read(path: Path) -> Run | None:
    try:
        raw = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise Refusal(f"{path} is damaged ({error}): restore it, or ./mtquant reset") from error
    try:
        if raw["version"] != VERSION:
            raise Refusal(
                f"{path} was written by another release (version {raw['version']}, here {VERSION}): "
                "use that release, or ./mtquant reset"
            )
        fields = {key: raw[key] for key in Run.__dataclass_fields__ if key in raw or key != "zone"}
        return Run(**fields | {"data": tuple(fields["data"])})
    except (KeyError, TypeError) as error:
        raise Refusal(f"{path} is damaged (lacks {error}): restore it, or ./mtquant reset") from error


def _begin(wishes: Wishes, now: datetime) -> Run:
    if wishes.start and not wishes.data:
        raise Refusal("--from needs --data: the synthetic market has a start of its own", exit_code=2)
    if wishes.zone and not wishes.data:
        raise Refusal("--tz needs --data: it says what clock the files keep", exit_code=2)
    return Run(
        run=f"run-{now:%Y%m%d-%H%M}",
        data=wishes.data,
        start=wishes.start,
        seed=DEFAULT_SEED if wishes.seed is None else wishes.seed,
        speed=wishes.speed or DEFAULT_SPEED,
        zone=wishes.zone,
        created_at=now.isoformat(timespec="seconds"),
    )


def refuse_another(known: Run, wishes: Wishes) -> None:
    was = ", ".join(known.data) or "the synthetic market"
    if wishes.data and wishes.data != known.data:
        raise Refusal(
            f"this desk trades on {was}: ./mtquant reset puts it aside, then start with other --data"
        )
    if wishes.start and wishes.start != known.start:
        raise Refusal(
            f"this desk began from {known.start or 'the default start'}: ./mtquant reset puts it aside"
        )
    if wishes.zone and wishes.zone != known.zone:
        raise Refusal(
            f"this desk read its files in {known.zone or 'the default zone'}: ./mtquant reset puts it aside"
        )
    if wishes.seed is not None and wishes.seed != known.seed:
        raise Refusal(f"this desk runs with seed {known.seed}: ./mtquant reset puts it aside")
