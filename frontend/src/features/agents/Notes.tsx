import { Link } from "@tanstack/react-router";
import { Fragment } from "react";
import type { Agent } from "@/api/shapes";
import classes from "./agents.module.css";

type Noted = Pick<Agent, "slug" | "name" | "note">;

/** What must be known about some agents before their figures are read, each note once. */
export function Notes({ agents, unnamed }: { agents: readonly Noted[]; unnamed?: boolean }) {
  const notes = [...new Set(agents.map((agent) => agent.note).filter(Boolean))];
  const withNotes = notes.map((note) => [note, agents.filter((agent) => agent.note === note)] as const);
  if (notes.length === 0) return null;
  return (
    <aside className={classes.note} aria-label="About these agents">
      <span className={classes.noteMark} aria-hidden="true">
        i
      </span>
      <div>
        {withNotes.map(([note, noted]) => (
          <p key={note}>
            {!unnamed && <Names agents={noted} />}
            {note}
          </p>
        ))}
      </div>
    </aside>
  );
}

function Names({ agents }: { agents: readonly Noted[] }) {
  return (
    <b>
      {agents.map((agent, place) => (
        <Fragment key={agent.slug}>
          {place > 0 ? ", " : ""}
          <Link to="/agents/$slug" params={{ slug: agent.slug }}>
            {agent.name}
          </Link>
        </Fragment>
      ))}
      :{" "}
    </b>
  );
}
