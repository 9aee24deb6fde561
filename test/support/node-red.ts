/** The test helper, running the Node-RED under test. Loading it takes seconds: who only needs its path has `node-red-main`. */
import helper from "node-red-node-test-helper";
import { nodeRedMain } from "./node-red-main";

helper.init(nodeRedMain);

export { nodeRedMain };
export default helper;
