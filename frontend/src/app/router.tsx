import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { Empty, Failed } from "@/ui/States";
import { Gate } from "./shell/Gate";

const root = createRootRoute();
const page = <Path extends string>(path: Path, load: () => Promise<{ default: React.ComponentType }>) =>
  createRoute({ getParentRoute: () => desk, path, component: lazyRouteComponent(load) });

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: (search): { next?: string } => (typeof search.next === "string" ? { next: search.next } : {}),
  component: lazyRouteComponent(() => import("./routes/login")),
});
/** Every page behind the login, inside the shell. */
const desk = createRoute({ getParentRoute: () => root, id: "desk", component: Gate });
const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ href: "/trade" });
  },
});

export interface TradeSearch {
  symbol?: string;
  tf?: string;
  tab?: string;
  /** Which part a phone shows. */
  view?: string;
}
const trade = createRoute({
  getParentRoute: () => desk,
  path: "/trade",
  validateSearch: (search): TradeSearch => ({
    symbol: typeof search.symbol === "string" ? search.symbol : undefined,
    tf: typeof search.tf === "string" ? search.tf : undefined,
    tab: typeof search.tab === "string" ? search.tab : undefined,
    view: typeof search.view === "string" ? search.view : undefined,
  }),
  component: lazyRouteComponent(() => import("./routes/trade")),
});

const routes = root.addChildren([
  login,
  home,
  desk.addChildren([
    trade,
    page("/agents", () => import("./routes/agents")),
    page("/agents/$slug", () => import("./routes/agent")),
    page("/orders/$id", () => import("./routes/order")),
  ]),
]);

export const router = createRouter({
  routeTree: routes,
  defaultPreload: "intent",
  defaultErrorComponent: ({ error, reset }) => <Failed error={error} onRetry={reset} />,
  defaultNotFoundComponent: () => <Empty title="There is no such page" />,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
