/** `npm run sbom`: what the package brings with it, in CycloneDX, on standard output. `npm run --silent sbom > sbom.cdx.json`. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { npm } from "./lib/install.mjs";
import { root } from "./lib/project.mjs";

const args = ["sbom", "--sbom-format", "cyclonedx", "--sbom-type", "library", "--omit", "dev", "--package-lock-only"];
const { ok, output } = await npm(args, { quiet: true });
if (ok) {
  const bill = JSON.parse(output.slice(output.indexOf("{")));
  // npm takes the folder's name.
  bill.metadata.component.name = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")).name;
  console.log(JSON.stringify(bill, null, 2));
} else {
  console.error(output);
  process.exitCode = 1;
}
