/** Made-up answers of a desk, so that pages can be built without one. Only under `npm run dev` without MTQ_DESK. */
export async function startDevData(): Promise<void> {
  const { setupWorker } = await import("msw/browser");
  const { DevSocket, handlers } = await import("./handlers");
  await setupWorker(...handlers).start({ onUnhandledRequest: "bypass", quiet: true });
  const Real = window.WebSocket;
  window.WebSocket = new Proxy(Real, {
    construct: (target, [url, protocols]: [string, string[]]) =>
      url.endsWith("/ws/v1/") ? new DevSocket() : new target(url, protocols),
  });
}
