import { type Link, useLink } from "@/api/live";
import { Pill, type Tone } from "@/ui/Pill";

const SAYS: Record<Link["state"], { tone: Tone; text: string; hint: string }> = {
  connecting: { tone: "plain", text: "Connecting", hint: "Opening the live connection" },
  live: { tone: "good", text: "Live", hint: "Updates arrive as they happen" },
  delayed: { tone: "warn", text: "Delayed", hint: "Updates arrive late" },
  reconnecting: { tone: "alert", text: "Reconnecting", hint: "The live connection was lost; prices shown are old" },
  refused: { tone: "bad", text: "Refused", hint: "This login may not receive live data" },
  offline: { tone: "bad", text: "Offline", hint: "This computer has no network" },
};

export function LinkPill() {
  const link = useLink();
  const { tone, text, hint } = SAYS[link.state];
  const latency = link.latency_ms === null ? "" : ` (${link.latency_ms} ms)`;
  return (
    <span role="status" aria-label={`Connection: ${text}`}>
      <Pill tone={tone} dot title={hint + latency}>
        {text}
        {link.state === "delayed" ? ` ${link.delay_s} s` : ""}
      </Pill>
    </span>
  );
}
