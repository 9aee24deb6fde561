/** `npm run build`: makes dist/. */
import { buildOrExit } from "./lib/build.mjs";
import { installIfNeeded } from "./lib/install.mjs";

await installIfNeeded();
await buildOrExit();
