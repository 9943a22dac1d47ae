// Compares a dashboard, the first argument, with the types that Grafana's own pages are built on. Grafana publishes no
// other schema. Run by scripts/deploy-check from the directory where package.json is installed.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const dashboard = readFileSync(process.argv[2], "utf8");

// In JSON, the value of an enumeration stands in its place.
writeFileSync(
  "dashboard.ts",
  `import type { Dashboard } from "@grafana/schema";
type Plain<T> = T extends string ? \`\${T}\`
  : T extends number ? (\`\${T}\` extends \`\${infer N extends number}\` ? N : T)
  : T extends object ? { [K in keyof T]: Plain<T[K]> }
  : T;
export const dashboard: Plain<Dashboard> = ${dashboard};
`,
);

const options = ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--module", "nodenext"];
try {
  execFileSync("node_modules/.bin/tsc", [...options, "dashboard.ts"], { stdio: "inherit" });
} catch {
  process.exit(1);
}
