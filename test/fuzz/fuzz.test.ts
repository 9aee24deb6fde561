import { fuzzNodes } from "./nodes";
import { READERS } from "./readers";
import { fuzz } from "./run";

/** `FUZZ_SEED` repeats a run. */
const seed = Number(process.env["FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 32));
/** Together ten seconds; `npm run fuzz` has more time. */
const READER_MS = 350;
const NODES_MS = 2_500;

describe(`changed input (FUZZ_SEED=${seed})`, () => {
  for (const reader of READERS)
    it(`never breaks the reader of ${reader.name}, holds it up or gets an untyped error out of it`, () =>
      fuzz(reader, seed, { ms: READER_MS }));

  it("in messages, settings and the editor's questions ends in one done() each, without a defect", () =>
    fuzzNodes(Infinity, seed, NODES_MS)).timeout(90_000);
});
