"""One page about one version that can be mailed or printed: nothing in it is fetched from elsewhere."""

from collections.abc import Mapping, Sequence
from html import escape

from apps.agents.learning import charts
from apps.agents.learning.evaluated import Evaluated, Row
from apps.agents.learning.style import STYLE

HEADS = ("", "Net return", "Sharpe", "Deepest fall", "Trades", "Turnover", "Costs", "In the market")


def render(evaluated: Evaluated, facts: Mapping[str, object]) -> str:
    """Return the page as HTML. `facts` are shown as they are: version, periods, seeds, fingerprint."""
    agent = evaluated.row("agent")
    period = f"{charts.day(evaluated.first_at)} to {charts.day(evaluated.last_at)}"
    about = (
        f"{evaluated.instrument} {evaluated.timeframe}, evaluated on {period}, "
        f"{evaluated.days:,} trading days, after all costs"
    )
    title = str(facts.get("name", facts.get("agent", "Agent")))
    parts = (
        f"<h1>{escape(title)}</h1>",
        f'<div class="dim">{escape(about)}</div>',
        f'<p class="note">{escape(verdict(evaluated))} {escape(evaluated.note)}</p>',
        _tiles(agent),
        "<h2>Equity</h2>",
        charts.legend(list(evaluated.equity)),
        charts.lines(evaluated.equity, base=evaluated.start_equity, text="Equity of each strategy over time"),
        "<h2>Fall from the highest point</h2>",
        charts.lines(
            evaluated.drawdown, base=0.0, text="Drawdown of each strategy over time", share=True, down=True
        ),
        "<h2>Beside the baselines</h2>",
        _table(evaluated.rows),
        f'<p class="dim">{escape(_said_of_chance(evaluated))}</p>',
        "<h2>Its seeds, one by one</h2>",
        _table(evaluated.members),
        f'<p class="dim">{escape(_spread(evaluated.members))}</p>',
        "<h2>How it was made and measured</h2>",
        _facts(evaluated, facts),
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}: tear sheet</title><style>{STYLE}</style></head>\n<body>"
        + "\n".join(parts)
        + "</body></html>\n"
    )


def verdict(evaluated: Evaluated) -> str:
    """Say in a sentence how the agent stands beside doing nothing and the best baseline."""
    agent = evaluated.row("agent")
    others = [row for row in evaluated.rows if row.name != agent.name]
    best = max(others, key=lambda row: row.net_return)
    nothing = "more than doing nothing" if agent.net_return > 0 else "no more than doing nothing"
    beside = "and beat" if agent.net_return > best.net_return else "and did not beat"
    return (
        f"It made {agent.net_return:+.2%}, {nothing}, {beside} every baseline"
        f" (the best, {best.name}: {best.net_return:+.2%})."
    )


def _tiles(agent: Row) -> str:
    shown = (
        (f"{agent.net_return:+.2%}", "net return"),
        (_sharpe(agent), "Sharpe a year"),
        (f"{agent.max_drawdown:.2%}", "deepest fall"),
        (f"{agent.trades:,}", "positions opened"),
        (f"{agent.costs:,.0f}", "costs paid"),
    )
    return (
        '<div class="tiles">'
        + "".join(
            f'<div class="tile"><b>{escape(value)}</b><span>{escape(name)}</span></div>'
            for value, name in shown
        )
        + "</div>"
    )


def _table(rows: Sequence[Row]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in HEADS)
    body = "".join(_line(row) for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _line(row: Row) -> str:
    cells = (
        escape(row.name),
        f'<span class="{"bad" if row.net_return < 0 else ""}">{row.net_return:+.2%}</span>',
        _sharpe(row),
        f"{row.max_drawdown:.2%}",
        f"{row.trades:,}",
        f"{row.turnover:,.1f}&times;",
        f"{row.costs:,.0f}",
        f"{row.exposure:.0%}",
    )
    kind = ' class="agent"' if row.name == "agent" else ""
    return f"<tr{kind}>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _sharpe(row: Row) -> str:
    return "-" if row.sharpe is None else f"{row.sharpe:.2f}"


def _said_of_chance(evaluated: Evaluated) -> str:
    chance = evaluated.row("random")
    return (
        f"Random holds what the agent held, shifted in time: medians of the draws, nine in ten of which made "
        f"{chance.low or 0.0:+.2%} to {chance.high or 0.0:+.2%}."
    )


def _spread(members: Sequence[Row]) -> str:
    returns = [row.net_return for row in members]
    return (
        f"{len(members)} seeds of one configuration, from {min(returns):+.2%} to {max(returns):+.2%}. "
        "The agent takes the mean of what they want, so where they disagree it trades less."
    )


def _facts(evaluated: Evaluated, facts: Mapping[str, object]) -> str:
    own = {
        "Spread": evaluated.spread_label,
        "Costs": evaluated.cost_version,
        "Starting equity": f"{evaluated.start_equity:,.2f}",
        "Bars": f"{evaluated.bars:,}",
        "Data": evaluated.data_hash,
    }
    told = {str(name): value for name, value in facts.items() if name != "name"} | own
    items = "".join(f"<dt>{escape(name)}</dt><dd>{escape(str(value))}</dd>" for name, value in told.items())
    return f"<dl>{items}</dl>"
