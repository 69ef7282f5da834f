/** Made-up answers of a desk, so that pages can be built without one. Only under `npm run dev` without MTQ_DESK. */
export async function startDevData(): Promise<void> {
  const { setupWorker } = await import("msw/browser");
  const { handlers } = await import("./handlers");
  await setupWorker(...handlers).start({ onUnhandledRequest: "bypass", quiet: true });
}
