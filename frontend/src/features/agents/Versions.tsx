import { Button } from "@mantine/core";
import { useState } from "react";
import type { AgentDetail, Version } from "@/api/shapes";
import { dateTime } from "@/ui/format";
import { Panel } from "@/ui/Panel";
import { Pill } from "@/ui/Pill";
import { Empty } from "@/ui/States";
import { useDeploy } from "./acting";
import classes from "./agents.module.css";
import { ReasonDialog } from "./ReasonDialog";

export function Versions({ agent }: { agent: AgentDetail }) {
  return (
    <Panel title="Versions">
      {agent.versions.length === 0 ? (
        <Empty title="No version yet" hint="The first training makes one." />
      ) : (
        <ul className={classes.rows}>
          {agent.versions.map((version) => (
            <VersionRow key={version.id} version={version} agent={agent} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function VersionRow({ version, agent }: { version: Version; agent: AgentDetail }) {
  return (
    <li className={classes.versionRow}>
      <div>
        <strong>
          {version.name} v{version.number}
        </strong>{" "}
        {version.active && (
          <Pill tone="good" dot>
            trading
          </Pill>
        )}
        <div className={classes.soft}>
          {dateTime(version.created_at, { year: true, seconds: false })} UTC ·{" "}
          <code title={version.hash}>{version.hash.slice(0, 10)}</code>
        </div>
      </div>
      <div className={classes.rowActions}>
        {version.tear_sheet_url && (
          <a href={version.tear_sheet_url} target="_blank" rel="noreferrer">
            Tear sheet<span className={classes.hidden}> of version {version.number}, opens in a new tab</span>
          </a>
        )}
        {!version.active && agent.rights.includes("agent.deploy") && <DeployButton version={version} agent={agent} />}
      </div>
    </li>
  );
}

function DeployButton({ version, agent }: { version: Version; agent: AgentDetail }) {
  const [isOpen, setOpen] = useState(false);
  const deploy = useDeploy(agent.slug);
  const close = () => {
    setOpen(false);
    deploy.reset();
  };
  return (
    <>
      <Button
        size="compact-xs"
        variant="default"
        onClick={() => setOpen(true)}
        aria-label={`Deploy version ${version.number}`}
      >
        Deploy
      </Button>
      {isOpen && (
        <ReasonDialog
          title={`Deploy ${version.name} v${version.number} to paper?`}
          consequence={
            <>
              From the next closed bar of {agent.instrument} on, <b>{agent.name} decides by this version</b>
              {agent.version ? ` instead of ${agent.version}` : ""}. Its position stays as it is until the new version
              wants another.
            </>
          }
          confirm="Deploy"
          isBusy={deploy.isPending}
          error={deploy.error}
          onConfirm={(reason) => deploy.mutate({ version: version.id, reason }, { onSuccess: close })}
          onClose={close}
        />
      )}
    </>
  );
}
