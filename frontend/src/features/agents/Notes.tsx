import { Link } from "@tanstack/react-router";
import { Fragment } from "react";
import type { Agent } from "@/api/shapes";
import classes from "./agents.module.css";

/** What must be known about some agents before their figures are read, each note once. */
export function Notes({ agents }: { agents: readonly Agent[] }) {
  const notes = [...new Set(agents.map((agent) => agent.note).filter(Boolean))];
  const withNotes = notes.map((note) => [note, agents.filter((agent) => agent.note === note)] as const);
  return withNotes.map(([note, noted]) => (
    <aside key={note} className={classes.note} aria-label="About these agents">
      <span className={classes.noteMark} aria-hidden="true">
        i
      </span>
      <p>
        <b>
          {noted.map((agent, place) => (
            <Fragment key={agent.slug}>
              {place > 0 ? ", " : ""}
              <Link to="/agents/$slug" params={{ slug: agent.slug }}>
                {agent.name}
              </Link>
            </Fragment>
          ))}
          :
        </b>{" "}
        {note}
      </p>
    </aside>
  ));
}
