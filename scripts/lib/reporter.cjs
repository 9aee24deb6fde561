/**
 * mocha's "spec" reporter, and two things more: the counts as JSON in the file $TEST_COUNTS, and an end to a run
 * whose tests left something open (a socket, a timer, a process), which would otherwise hang for ever.
 */
const { writeFileSync } = require("node:fs");
const { reporters } = require("mocha");

const GRACE_MS = 20_000;

module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once("end", () => {
      const { passes, failures, pending } = this.stats;
      if (process.env.TEST_COUNTS)
        writeFileSync(process.env.TEST_COUNTS, JSON.stringify({ passes, failures, pending }));
      // Fires only if something still keeps the process alive.
      setTimeout(() => {
        console.error(
          "The tests are over, but something they opened is not closed: %o",
          process.getActiveResourcesInfo(),
        );
        process.exit(1);
      }, GRACE_MS).unref();
    });
  }
};
