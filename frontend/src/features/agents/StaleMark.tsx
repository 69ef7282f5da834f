import { useLink } from "@/api/live";
import { age } from "@/ui/format";
import { useNow } from "@/ui/now";
import { Pill } from "@/ui/Pill";

/** Says that the figures of the page are no longer live; nothing while they are. */
export function StaleMark() {
  const link = useLink();
  const now = useNow(1000);
  if (link.state === "live" || link.state === "connecting") return null;
  const since = link.downSince === null ? "" : `, ${age(now - link.downSince)} old`;
  return (
    <Pill tone="warn" dot>
      {link.state === "delayed" ? `${link.delay_s} s late` : `Not live${since}`}
    </Pill>
  );
}
