/** Loaded into a Node-RED under test: the computer's only network is one of the loopback, so that a search leaves nothing. */
const os = require("node:os");
const process = require("node:process");

const address = process.env.TEST_NETWORK;
os.networkInterfaces = () => ({ test0: [{ address, netmask: "255.255.255.0", family: "IPv4", internal: false }] });
