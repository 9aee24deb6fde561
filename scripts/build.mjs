/** `npm run build`: makes dist/. */
import { installIfNeeded } from "./lib/install.mjs";

await installIfNeeded();
const { build } = await import("./lib/build.mjs");
try {
  await build();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
