"""What pages of agents draw: progress, reward, equity and drawdown, and the tables beside them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.agents.admin.lines import Chart, Line
from apps.agents.models import AgentEvent
from apps.agents.scorecard import EvaluationView, RunView, Score
from apps.edges import figures, tables

Points = Sequence[tuple[float, float]]
OVER = frozenset({"done", "failed", "cancelled", "interrupted"})


def bar(run: RunView, *, wide: bool = False) -> SafeString | str:
    """Show how far a training is, in words beside the bar."""
    share = 1.0 if run.status == "done" else run.progress.share
    if run.status == "queued":
        return "waits for the trainer"
    left = "" if run.status in OVER or run.progress.left_s is None else f" · {run.progress.left_s:.0f} s left"
    seed = f" · seed {min(run.progress.seed_index + 1, run.progress.seeds)} of {run.progress.seeds}"
    return format_html(
        '<span class="mtq-progress{}" role="progressbar" aria-valuemin="0" aria-valuemax="100"'
        ' aria-valuenow="{}"><i style="width:{}%"></i></span> <span class="mtq-num">{}</span>'
        '<span class="mtq-sub">{}</span>',
        " mtq-progress-wide" if wide else "",
        f"{share * 100:.0f}",
        f"{share * 100:.1f}",
        f"{share:.0%}",
        f"{seed if wide else ''}{left}",
    )


def reward(run: RunView) -> SafeString | str:
    """Draw the mean reward of each seed over its steps."""
    curves = {f"seed {number + 1}": points for number, points in enumerate(run.progress.curve)}
    return Chart(
        title="Mean reward of a step, in units of a usual bar's gain or loss",
        lines=_lines(curves),
        first=0.0,
        last=float(max(run.progress.steps, 1)),
        first_text="0",
        last_text=f"{run.progress.steps:,} steps",
        zero=True,
    ).draw()


def judged(found: EvaluationView) -> SafeString:
    """Show an evaluation: the table, what each seed did by itself, equity and drawdown."""
    sheet = (
        format_html(
            '<p><a class="text-link" href="{}">Tear sheet</a></p>',
            reverse("admin:agents_evaluation_tearsheet", args=(found.id,)),
        )
        if found.has_tear_sheet
        else ""
    )
    return format_html(
        '<div class="mtq-judged">{}{}{}{}<p class="mtq-foot">{}</p>{}</div>',
        comparison(found.rows),
        tables.table(
            ("Seed by itself", "Net return", "Sharpe", "Deepest fall", "Trades"),
            (
                (m.seed, percent(m), _number(m.sharpe), figures.share(m.max_drawdown), f"{m.trades:,.0f}")
                for m in found.members
            ),
        ),
        _over_time("Equity", found.equity, percent_axis=False),
        _over_time("Drawdown", _downwards(found.drawdown), percent_axis=True),
        found.note,
        sheet,
    )  # fmt: skip


def comparison(rows: Iterable[Score]) -> SafeString | str:
    return tables.table(
        ("", "Net return", "Sharpe", "Deepest fall", "Trades", "Turnover", "Costs", "In the market"),
        (
            (
                score.name,
                _with_range(score),
                _number(score.sharpe),
                figures.share(score.max_drawdown),
                f"{score.trades:,.0f}",
                f"{score.turnover:,.1f}",
                f"{score.costs:,.2f}",
                figures.share(score.exposure, places=0),
            )
            for score in rows
        ),
    )


def trainings(runs: Sequence[RunView]) -> SafeString | str:
    return tables.table(
        ("Training", "Status", "Done", "Asked for (UTC)", "By", "Result", "Trouble"),
        (
            (
                tables.link(f"№ {run.id}", reverse("admin:agents_trainingrun_change", args=(run.id,))),
                run.status,
                bar(run),
                figures.moment(run.created_at),
                run.requested_by,
                run.version_name or figures.NONE,
                run.error or figures.NONE,
            )
            for run in runs
        ),
    )


def events(rows: Iterable[AgentEvent]) -> SafeString | str:
    return tables.table(
        ("When (UTC)", "What", "By", "Why", "From", "To"),
        (
            (
                figures.moment(event.created_at),
                event.kind,
                event.by,
                event.reason,
                str(event.old_version or figures.NONE),
                str(event.new_version or figures.NONE),
            )
            for event in rows
        ),
    )


def period(first: datetime | None, last: datetime | None) -> SafeString | str:
    if first is None or last is None:
        return "chosen when it begins"
    return format_html("{} to {}", figures.moment(first), figures.moment(last))


def percent(score: "Score | object | None") -> str:
    value = getattr(score, "net_return", None)
    return figures.NONE if value is None else f"{value * 100:+.2f}{figures.TIED}%"


def difference(one: Score | None, other: Score | None) -> str:
    """Return how much more one made than the other, in percentage points."""
    if one is None or other is None:
        return figures.NONE
    return f"{(one.net_return - other.net_return) * 100:+.2f}{figures.TIED}pp"


def _over_time(title: str, series: Mapping[str, Points], *, percent_axis: bool) -> SafeString | str:
    times = [at for points in series.values() for at, _ in points]
    if not times:
        return ""
    first, last = min(times), max(times)
    return Chart(
        title=title,
        lines=_lines(series),
        first=first,
        last=last,
        first_text=f"{datetime.fromtimestamp(first, UTC):%Y-%m-%d}",
        last_text=f"{datetime.fromtimestamp(last, UTC):%Y-%m-%d}",
        zero=percent_axis,
        percent=percent_axis,
    ).draw()


def _downwards(series: Mapping[str, Points]) -> dict[str, list[tuple[float, float]]]:
    return {name: [(at, -value) for at, value in points] for name, points in series.items()}


def _lines(series: Mapping[str, Points]) -> list[Line]:
    return [Line(name=name, points=points) for name, points in series.items() if points]


def _with_range(score: Score) -> str:
    if score.low is None or score.high is None:
        return percent(score)
    return f"{percent(score)} ({score.low * 100:+.2f} to {score.high * 100:+.2f})"


def _number(value: float | None) -> str:
    return figures.NONE if value is None else f"{value:+.2f}"
