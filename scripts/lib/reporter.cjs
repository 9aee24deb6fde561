/**
 * mocha's "spec" reporter, and two things more: the counts and what failed as JSON in the file $TEST_COUNTS, and an end to
 * a run whose tests left something open (a socket, a timer, a process), which would otherwise hang for ever.
 */
const { writeFileSync } = require("node:fs");
const { reporters } = require("mocha");

const GRACE_MS = 20_000;

module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const failed = [];
    runner.on("fail", (test, error) => failed.push(`${test.fullTitle()}\n    ${error.stack ?? error}`));
    runner.once("end", () => {
      if (process.env.TEST_COUNTS)
        writeFileSync(process.env.TEST_COUNTS, JSON.stringify({ passed: this.stats.passes, failed }));
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
