import { Indicator, Popover, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { asItems, useLiveOrRead } from "@/api/liveOrRead";
import type { Alert, Items } from "@/api/shapes";
import { dateTime, words } from "@/ui/format";
import { Pill, type Tone } from "@/ui/Pill";
import { Empty, Streamed } from "@/ui/States";
import classes from "./TopBar.module.css";

function toneOf(level: string): Tone {
  if (/crit|error|high|red/.test(level)) return "bad";
  if (/warn|medium|orange|yellow/.test(level)) return "warn";
  return "info";
}

export function AlertsMenu() {
  const channel = useLiveOrRead<Items<Alert>>("alerts", "/alerts/", {}, (body: Alert[] | { results: Alert[] }) =>
    asItems(Array.isArray(body) ? body : body.results),
  );
  const [seen, setSeen] = useState<string>("");
  const items = channel?.data?.items ?? [];
  const newest = items[0] ? `${items[0].id} ${items[0].count}` : "";
  return (
    <Popover width={360} position="bottom-end" shadow="md" onOpen={() => setSeen(newest)}>
      <Popover.Target>
        <UnstyledButton className={classes.icon} aria-label={`Alerts, ${items.length}`}>
          <Indicator disabled={!newest || newest === seen} size={7} color="orange" offset={2}>
            <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
              <path
                d="M8 2a4 4 0 0 0-4 4v2.500L2.800 11h10.400L12 8.500V6a4 4 0 0 0-4-4ZM6.500 13a1.600 1.600 0 0 0 3 0"
                fill="none"
                stroke="currentColor"
                strokeWidth="1.300"
                strokeLinejoin="round"
              />
            </svg>
          </Indicator>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown p={0}>
        <Streamed channel={channel} what="seeing alerts">
          {({ items: rows }) =>
            rows.length === 0 ? (
              <Empty title="No open alerts" />
            ) : (
              <ul className={classes.alerts}>
                {rows.slice(0, 30).map((alert) => (
                  <li key={alert.id}>
                    <div>
                      <Pill tone={toneOf(String(alert.level))}>{words(String(alert.level))}</Pill>
                      <span className={classes.soft}>
                        {dateTime(alert.created_at)}
                        {alert.count > 1 ? `, ${alert.count} times` : ""}
                      </span>
                    </div>
                    <p>{alert.text}</p>
                  </li>
                ))}
              </ul>
            )
          }
        </Streamed>
      </Popover.Dropdown>
    </Popover>
  );
}
