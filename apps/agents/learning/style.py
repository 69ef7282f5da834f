"""How the tear sheet looks, in light and in dark."""

STYLE = """
:root { color-scheme: light dark;
  --ink: #1b2430; --dim: #637083; --line: #d9dfe7; --paper: #fff; --soft: #f5f7fa; --bad: #c62828;
  --agent: #2563eb; --hold: #b45309; --cross: #7c3aed; --random: #0f766e; --flat: #8793a1; }
@media (prefers-color-scheme: dark) { :root {
  --ink: #e6eaf0; --dim: #94a1b3; --line: #2c3644; --paper: #12171f; --soft: #1a212c; --bad: #ff7b72;
  --agent: #6ea0ff; --hold: #e2a04a; --cross: #b794f6; --random: #45c4b0; --flat: #7b8794; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 32px 24px 48px; max-width: 920px; background: var(--paper);
  color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 26px; margin: 0; }
h2 { font-size: 17px; margin: 32px 0 8px; }
.dim { color: var(--dim); }
.note { background: var(--soft); border-left: 4px solid var(--agent); padding: 12px 16px;
  margin: 20px 0; border-radius: 0 6px 6px 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px;
  margin: 20px 0; }
.tile { background: var(--soft); border-radius: 8px; padding: 12px 14px; }
.tile b { display: block; font-size: 21px; font-variant-numeric: tabular-nums; }
.tile span { color: var(--dim); font-size: 13px; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 7px 10px; text-align: right; border-bottom: 1px solid var(--line);
  white-space: nowrap; }
th { color: var(--dim); font-weight: 600; font-size: 13px; }
th:first-child, td:first-child { text-align: left; }
tr.agent td { font-weight: 600; }
.bad { color: var(--bad); }
svg { width: 100%; height: auto; display: block; }
svg text { fill: var(--dim); font: 11px system-ui, sans-serif; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 6px 0; font-size: 13px; }
.legend i { display: inline-block; width: 18px; height: 3px; margin-right: 6px;
  vertical-align: middle; border-radius: 2px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 20px; margin: 0; }
dt { color: var(--dim); }
dd { margin: 0; overflow-wrap: anywhere; }
@media print { body { padding: 0; } }
"""
