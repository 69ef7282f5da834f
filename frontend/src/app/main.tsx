import "./mantine";
import "@mantine/notifications/styles.css";
import "./tokens.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Providers } from "./providers";

async function start(): Promise<void> {
  if (__DEV_DATA__) await (await import("../../dev/start")).startDevData();
  const root = document.getElementById("root");
  if (!root) throw new Error("index.html has no #root");
  createRoot(root).render(
    <StrictMode>
      <Providers />
    </StrictMode>,
  );
}

void start();
