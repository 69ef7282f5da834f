import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The desk's address: `MTQ_DESK=http://127.0.0.1:8000 npm run dev`. Without it, dev data answers (src is the same).
const desk = process.env.MTQ_DESK ?? "";
const proxied = Object.fromEntries(
  ["/api", "/admin", "/static/admin"].map((path) => [
    path,
    { target: desk, changeOrigin: true, headers: { origin: desk, referer: `${desk}/` } },
  ]),
);

export default defineConfig(({ command }) => ({
  base: command === "build" ? "/static/app/" : "/",
  plugins: [react()],
  define: { __DEV_DATA__: JSON.stringify(command === "serve" && !desk && !process.env.VITEST) },
  // A path, not a URL: the folder may have a space in its name.
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  publicDir: command === "serve" ? "dev/public" : false,
  server: {
    host: "127.0.0.1",
    port: Number(process.env.PORT ?? 5173),
    proxy: desk
      ? { ...proxied, "/ws": { target: desk, ws: true, changeOrigin: true, headers: { origin: desk } } }
      : undefined,
  },
  build: {
    target: "es2022",
    sourcemap: false,
    manifest: true,
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "candles", test: /node_modules\/(lightweight-charts|fancy-canvas)\// },
            { name: "curves", test: /node_modules\/uplot\// },
          ],
        },
      },
    },
  },
  test: {
    environment: "happy-dom",
    setupFiles: ["./dev/test-setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    css: false,
    testTimeout: 30_000,
    restoreMocks: true,
  },
}));
