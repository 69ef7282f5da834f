// The import rule of the house: app > features > api, ui. Features never see one another, and no file passes others on.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const src = resolve(import.meta.dirname, "../src");
// Tests may use what `dev/` offers them.
const allowed = { app: ["app", "features", "api", "ui"], features: ["api", "ui"], api: ["api"], ui: ["ui"] };

const files = readdirSync(src, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && entry.name !== "schema.ts")
  .map((entry) => join(entry.parentPath, entry.name));

function target(file, spec) {
  if (spec.startsWith("@/")) return spec.slice(2);
  return spec.startsWith(".") ? relative(src, resolve(dirname(file), spec)) : null;
}

const faults = [];
for (const file of files) {
  const [floor, room] = relative(src, file).split("/");
  const text = readFileSync(file, "utf8");
  if (text.split("\n").length > 400) faults.push(`${relative(src, file)}: more than 400 lines`);
  for (const [, spec] of text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)) {
    const to = target(file, spec)?.split("/");
    if (!to) continue;
    const inside = to[0] === floor && (floor !== "features" || to[1] === room);
    if (
      !inside &&
      !(to[0] === ".." && (file.endsWith("app/main.tsx") || /\.test\.tsx?$/.test(file))) &&
      !allowed[floor]?.includes(to[0])
    )
      faults.push(`${relative(src, file)} may not import ${spec}`);
  }
}
// A component of Mantine without its style sheet would look broken only in the build.
const styles = resolve(src, "../node_modules/@mantine/core/styles");
const listed = readFileSync(join(src, "app/mantine.ts"), "utf8");
for (const file of files) {
  for (const [, names] of readFileSync(file, "utf8").matchAll(/import\s*\{([^}]*)\}\s*from "@mantine\/core"/g)) {
    for (const name of names.split(",").map((each) => each.trim())) {
      if (!existsSync(join(styles, `${name}.css`)) || listed.includes(`/${name}.css`)) continue;
      faults.push(`${relative(src, file)} uses ${name}, whose style src/app/mantine.ts lacks`);
    }
  }
}
if (faults.length) {
  console.error(`Rules of the source tree broken (imports run app > features > api, ui):\n  ${faults.join("\n  ")}`);
  process.exit(1);
}
console.log(`layers: ${files.length} files keep the import rule`);
