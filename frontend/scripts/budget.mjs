// Sizes of what a first visit to /trade loads, gzipped, against the budgets of the design.
// Over budget fails `npm run budget` and so `./mtquant test`; a desk is not left without its pages for it.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";

const dist = resolve(import.meta.dirname, "../dist");
const manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));
const kB = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length / 1000;

const first = new Set();
function walk(key) {
  const chunk = manifest[key];
  if (!chunk || first.has(chunk.file)) return;
  first.add(chunk.file);
  for (const next of chunk.imports ?? []) walk(next);
}
walk("index.html");
walk("src/app/routes/trade.tsx");

const assets = readdirSync(join(dist, "assets"));
const sum = (files) => files.reduce((total, file) => total + kB(file), 0);
const charts = assets.filter((file) => /^(candles|curves)-.*\.js$/.test(file)).map((file) => `assets/${file}`);
const rows = [
  ["JS, first load of /trade", sum([...first].filter((file) => file.endsWith(".js") && !charts.includes(file))), 300],
  ["JS, all chunks", sum(assets.filter((file) => file.endsWith(".js")).map((file) => `assets/${file}`)), null],
  ["chart libraries, own chunks beside it", sum(charts), 90],
  ["CSS, all", sum(assets.filter((file) => file.endsWith(".css")).map((file) => `assets/${file}`)), 45],
];
let over = false;
for (const [name, size, limit] of rows) {
  const bad = limit !== null && size > limit;
  over ||= bad;
  console.log(
    `${name.padEnd(38)} ${size.toFixed(1).padStart(7)} kB gzip${limit ? `  (budget ${limit})` : ""}${bad ? "  OVER" : ""}`,
  );
}
process.exit(over ? 1 : 0);
