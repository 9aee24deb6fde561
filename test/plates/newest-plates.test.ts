import assert from "node:assert/strict";
import { newestPlates } from "../../src/plates/newest-plates";
import { FakeClock } from "../support/fake-clock";
import { FakeList } from "./fake-list";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

describe("the newest plates of a list", () => {
  const { signal } = new AbortController();
  let list: FakeList;

  beforeEach(() => {
    list = new FakeList(new FakeClock());
  });

  async function newest(count: number): Promise<string[]> {
    return (await newestPlates(list, 1, count, signal)).map(({ capture }) => capture.plate);
  }

  it("come newest first, as many as are wanted, through all pages", async () => {
    for (const minutes of [50, 40, 30, 20, 10]) list.pass(`P${minutes}`, 1, minutes * MINUTE);
    list.pageLimit = 2;
    assert.deepEqual(await newest(3), ["P10", "P20", "P30"]);
  });

  it("are looked for further back while there are too few, a week at most", async () => {
    list.pass("OLD", 1, 8 * DAY);
    list.pass("DAYS", 1, 3 * DAY);
    list.pass("NOW", 1, MINUTE);
    assert.deepEqual(await newest(5), ["NOW", "DAYS"]);
    const steps = list.asked.length;
    assert.deepEqual(await newest(1), ["NOW"]);
    assert.ok(list.asked.length - steps < steps, "a look at the last hour is enough");
  });

  it("are none where only an old one is repeated", async () => {
    list.pass("OLD", 1, 30 * DAY);
    assert.deepEqual(await newest(5), []);
  });
});
