import { isSendingBlocked, useLink } from "@/api/live";
import { useNow } from "@/ui/now";

const SLOW_MS = 500;

/** Why no order can go out now; null when one can. A halt is no reason here: exits pass it, and the desk judges. */
export function useBlocked(): string | null {
  const link = useLink();
  const now = useNow(SLOW_MS);
  return isSendingBlocked(link, now)
    ? "Sending is off: the live connection is down or late, and prices are old."
    : null;
}
