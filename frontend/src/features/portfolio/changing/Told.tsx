// What came of a change: the venue's answer, or why it was not taken.
import { isUncertain, Problem } from "@/api/client";
import type { Order } from "@/api/shapes";
import { apartWords } from "@/ui/apart";
import { checkName } from "@/ui/checkNames";
import { words } from "@/ui/format";
import { Notice } from "@/ui/Notice";
import type { Outcome } from "./change";

export function tellingOf(order: Order, outcome: Outcome, said: string | null) {
  const what = `${order.side === "buy" ? "Buy" : "Sell"} ${words(order.type)} of ${order.instrument}`;
  if (outcome === "taken") return { message: `${what}: the venue took the change` };
  return { title: `${what} was not changed`, message: said || endOf(order, outcome), color: "red", autoClose: 8000 };
}

function endOf(order: Order, outcome: Outcome): string {
  return outcome === "ended" ? `The order is ${words(order.status)}.` : "The old terms stand.";
}

export function Answer({ order, outcome, said }: { order: Order; outcome: Outcome; said: string | null }) {
  if (outcome === "taken") return <Notice tone="good" title="The venue took it: the order works under these terms" />;
  return (
    <Notice tone="warn" title="It was not changed">
      {said ? `${said}. ` : ""}
      {endOf(order, outcome)}
    </Notice>
  );
}

/** Why the desk did not take the change, or that nobody can tell whether it did. */
export function Refused({ fault, currency }: { fault: Error; currency: string }) {
  const body = fault instanceof Problem ? fault.body : null;
  const failed = body?.checks?.filter(({ passed }) => !passed) ?? [];
  const isUnclear = isUncertain(fault);
  return (
    <Notice tone={failed.length > 0 ? "warn" : "bad"} title={titleOf(fault, failed.length > 0)}>
      {failed.map((check) => (
        <span key={check.check}>
          {checkName(check.check)}: {[check.text, apartWords(check, currency)].filter(Boolean).join(", ")}
        </span>
      ))}
      {failed.length === 0 && <span>{fault.message}</span>}
      {body?.errors?.map(({ pointer, detail }) => (
        <span key={pointer + detail}>
          {words(pointer.replace(/^\//, ""))}: {detail}
        </span>
      ))}
      {isUnclear && <span>Asking for the same again within ten minutes cannot change it twice.</span>}
    </Notice>
  );
}

export function titleOf(fault: Error, isDenied: boolean): string {
  if (isDenied) return "Denied by risk: the order works on as it was";
  if (isUncertain(fault)) return "It is not known whether the change arrived";
  return "Not changed";
}
