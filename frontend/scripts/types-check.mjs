// Fails when src/api/schema.ts is not what openapi.json generates: types and server would drift apart.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "types-"));
try {
  const made = join(folder, "schema.ts");
  const tool = join(root, "node_modules/openapi-typescript/bin/cli.js");
  execFileSync(process.execPath, [tool, join(root, "openapi.json"), "-o", made, "--alphabetize"], { stdio: "pipe" });
  if (readFileSync(made, "utf8") !== readFileSync(join(root, "src/api/schema.ts"), "utf8")) {
    console.error("src/api/schema.ts differs from openapi.json: run `npm run types` and commit the result");
    process.exitCode = 1;
  } else {
    console.log("types: schema.ts matches openapi.json");
  }
} finally {
  rmSync(folder, { recursive: true });
}
