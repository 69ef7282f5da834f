import { useEffect, useState } from "react";

/** Wall milliseconds, renewed every `every_ms`; the component renders with it. */
export function useNow(every_ms = 1000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every_ms);
    return () => clearInterval(timer);
  }, [every_ms]);
  return now;
}
