/**
 * mocha's "spec" reporter, and two things more: each test's end as a line of JSON in the file $TEST_NOTES (who reads it
 * knows what was done by a process that broke off), and an end to a run whose tests left something open (a socket, a
 * timer, a process), which would otherwise hang for ever.
 */
const { appendFileSync } = require("node:fs");
const path = require("node:path");
const { reporters } = require("mocha");

const GRACE_MS = 20_000;
const root = path.resolve(__dirname, "../..");

module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const file = (test) => path.relative(root, test.file ?? test.parent?.file ?? "").replaceAll(path.sep, "/");
    runner.on("pass", (test) => note({ end: "passed", file: file(test), title: test.fullTitle(), ms: test.duration }));
    runner.on("pending", (test) => note({ end: "skipped", file: file(test) }));
    runner.on("fail", (test, error) =>
      note({ end: "failed", file: file(test), what: `${test.fullTitle()}\n    ${error.stack ?? error}` }),
    );
    // Each suite of a file's top level: how long the file took, its hooks included.
    let began;
    runner.on("suite", (suite) => {
      if (suite.parent?.root) began = performance.now();
    });
    runner.on("suite end", (suite) => {
      if (suite.parent?.root) note({ end: "suite", file: file(suite), ms: performance.now() - began });
    });
    runner.once("end", () => {
      note({ end: "all" });
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

function note(what) {
  if (process.env.TEST_NOTES) appendFileSync(process.env.TEST_NOTES, `${JSON.stringify(what)}\n`);
}
