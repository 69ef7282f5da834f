// Which account the person looks at: one choice for all pages, remembered in this browser.
import { createContext, type ReactNode, useContext, useMemo, useState } from "react";
import { useSession } from "@/api/session";

interface Desk {
  /** Slug of the chosen account; null while the person may see none. */
  account: string | null;
  choose: (slug: string) => void;
}

const KEY = "mtq-account";
const Context = createContext<Desk>({ account: null, choose: () => undefined });

export function DeskProvider({ children }: { children: ReactNode }) {
  const session = useSession();
  const [wish, setWish] = useState(() => localStorage.getItem(KEY));
  const accounts = session?.accounts ?? [];
  const account = (accounts.find((one) => one.slug === wish) ?? accounts[0])?.slug ?? null;
  const desk = useMemo(
    () => ({
      account,
      choose: (slug: string) => {
        localStorage.setItem(KEY, slug);
        setWish(slug);
      },
    }),
    [account],
  );
  return <Context.Provider value={desk}>{children}</Context.Provider>;
}

export function useDesk(): Desk {
  return useContext(Context);
}
