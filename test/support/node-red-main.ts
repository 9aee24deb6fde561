/**
 * The main file of the Node-RED under test: the one in node_modules, or the one in the folder that the environment variable
 * NODE_RED_PATH names (.ci/run tests Node-RED 5 this way).
 */
export const nodeRedMain = require.resolve(process.env["NODE_RED_PATH"] ?? "node-red");
