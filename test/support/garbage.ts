/** A full collection of garbage, as one comes in a long run at any moment. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

export function collectGarbage(): void {
  collect();
}
