import assert from "node:assert/strict";
import { helper } from "../support/flow";
import { runCell } from "./cell";
import { FAULTS } from "./faults";
import { CELLS, SHORT_CELLS } from "./matrix";

describe("a conversation under a fault ends in time with a typed error or well, and the next one works", function () {
  // Real time: some send 40 MiB at each of many tries, beside other tests.
  this.timeout(90_000);
  before(() => helper.startServer());
  after(() => helper.stopServer());

  for (const { title, conversation, fault } of SHORT_CELLS) it(title, () => runCell(conversation, fault));

  it("is proven for 400 cells and more, and each fault is met in the short form", () => {
    assert.ok(CELLS.length >= 400, `${CELLS.length} cells`);
    const met = new Set(SHORT_CELLS.map(({ fault }) => fault));
    assert.deepEqual(
      FAULTS.filter((fault) => !met.has(fault)),
      [],
    );
  });
});
