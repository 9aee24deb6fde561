/** `npm run build`: makes dist/, also when nothing seems to have changed. */
import { build } from "./lib/build.mjs";
import { installIfNeeded } from "./lib/install.mjs";

await installIfNeeded();
try {
  await build();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
