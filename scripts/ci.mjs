/** The two lanes of .ci/run: `npm test`, and the tests that depend on Node-RED again with Node-RED 5 on Node 24. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { npm } from "./lib/install.mjs";
import { root } from "./lib/project.mjs";
import { prepared, suite } from "./lib/suite.mjs";
import { testFiles } from "./lib/plan.mjs";
import { failures, report, sum, tests } from "./lib/tests.mjs";

const lane = path.join(root, ".lanes/nr5");

/** A folder of its own for Node-RED 5 and the Node it needs, both from npm. */
async function installLane() {
  const nodePath = path.join(lane, "node_modules/node/bin/node");
  if (existsSync(nodePath) && existsSync(path.join(lane, "node_modules/node-red/package.json"))) return nodePath;
  mkdirSync(lane, { recursive: true });
  writeFileSync(path.join(lane, "package.json"), JSON.stringify({ private: true }));
  const packages = ["node-red@5", "node@24"];
  const { ok } = await npm(["install", "--prefix", lane, "--no-audit", "--no-fund", "--loglevel=error", ...packages]);
  if (!ok) throw new Error(`npm could not install ${packages.join(" and ")}.`);
  return nodePath;
}

/**
 * What Node-RED's version can break: the nodes in its runtime and admin server, the forms and helps in its editor, the package
 * as it is installed and loaded, the examples, its MQTT nodes. src/ knows nothing of Node-RED; the other tests of the package
 * read files or start the Node-RED of package.json. The other tests in the browser ask what our own scripts do in an open form; what
 * a form asks the admin server (to listen, to try) is asked in test/nodes/admin.
 */
const LANE_TESTS =
  /^test\/(nodes\/|browser\/(device-form|every-form|every-help)\.|package\/(examples-run|installed|mqtt)\.)/;

/**
 * They ask a node, and mean src/: what they need of Node-RED (deploy, input, status, done, error, close) the file that has the node's
 * name needs, too, and that runs again, as does what asks for a route, a context, a language or a permission.
 */
const MEANS_SOURCE =
  /\/(diagnose-states|download-mp4|download-rtsp|hostile-settings|plate-in-outages|refused-stream|render|shared-stream|snapshot-past)\.test\.ts$/;

/** @param {Promise<string>} installed from {@link installLane} */
async function secondLane(installed) {
  try {
    const nodePath = await installed;
    return await tests({
      lane: "Node-RED 5",
      files: testFiles().filter((file) => LANE_TESTS.test(file) && !MEANS_SOURCE.test(file)),
      nodePath,
      env: { NODE_RED_PATH: path.join(lane, "node_modules/node-red") },
    });
  } catch (error) {
    return failures([error.message]);
  }
}

// Beside the first tests: npm mostly waits for the network. What goes wrong is told when it is this lane's turn.
const installed = installLane();
installed.catch(() => undefined);
const problem = await prepared();
report(problem ?? sum(await Promise.all([suite(), secondLane(installed)])));
