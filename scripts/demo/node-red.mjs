/** A Node-RED in this process, loading the nodes from the project's folder as an installed package. */
import { once } from "node:events";
import http from "node:http";
import { createRequire } from "node:module";
import { root } from "../lib/project.mjs";

const HOST = "127.0.0.1";
const PORTS_TO_TRY = 50;

/**
 * @param {{ userDir: string, credentialSecret: string, port: number }} options port: the first to try; 0 is any free one
 * @returns {Promise<{ url: string, stop(): Promise<void> }>}
 */
export async function startNodeRed({ userDir, credentialSecret, port }) {
  // NODE_RED_PATH: another Node-RED than the one in node_modules, as in the tests.
  const main = createRequire(import.meta.url).resolve(process.env.NODE_RED_PATH ?? "node-red");
  const require = createRequire(main);
  const RED = require(main);
  const app = require("express")();
  const server = http.createServer(app);
  RED.init(server, settings(userDir, credentialSecret));
  app.use("/", RED.httpAdmin);
  app.use("/", RED.httpNode);
  // start() does not wait for the flows: an address of theirs would not be there yet.
  const flowsStarted = once(RED.events, "flows:started");
  await RED.start();
  await flowsStarted;
  await listen(server, port);
  return {
    url: `http://${HOST}:${server.address().port}/`,
    async stop() {
      await RED.stop();
      server.close();
      server.closeAllConnections();
    },
  };
}

function settings(userDir, credentialSecret) {
  return {
    userDir,
    flowFile: "flows.json",
    nodesDir: [root],
    httpAdminRoot: "/",
    httpNodeRoot: "/",
    credentialSecret,
    logging: { console: { level: "error", metrics: false, audit: false } },
    telemetry: { enabled: false, updateNotification: false },
    editorTheme: { tours: false },
    paletteCategories: ["subflows", "Hikvision", "common", "function", "network", "sequence", "parser", "storage"],
  };
}

/** On `port`, or on the next one that is free. */
async function listen(server, port) {
  for (let tries = 0; ; tries++) {
    try {
      server.listen(port === 0 ? 0 : port + tries, HOST);
      await once(server, "listening");
      return;
    } catch (error) {
      if (error.code !== "EADDRINUSE" || tries >= PORTS_TO_TRY) throw error;
    }
  }
}
