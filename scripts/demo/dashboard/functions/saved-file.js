// Remembers the files that were downloaded here, under a name that nobody can guess, so that the browser that asked can
// fetch its own. globalThis is this node's own memory.
globalThis.files ??= new Map();
const MOST = 100;
const { path: file } = msg.payload ?? {};
if (typeof file === "string") {
  const key = crypto.randomBytes(16).toString("hex");
  globalThis.files.set(key, file);
  for (const oldest of globalThis.files.keys()) if (globalThis.files.size > MOST) globalThis.files.delete(oldest);
  return [{ ...msg, fetch: `hikvision-file/${key}` }, null];
}
if (!msg.req) return [msg, null];

// A browser fetches one. It is sent piece by piece: recordings are large.
const wanted = globalThis.files.get(msg.req.params.key);
const response = msg.res._res;
if (wanted === undefined || !fs.existsSync(wanted)) return [null, { ...msg, statusCode: 404, payload: "Not there." }];
response.setHeader("Content-Length", fs.statSync(wanted).size);
response.attachment(path.basename(wanted));
fs.createReadStream(wanted)
  .on("error", () => response.destroy())
  .pipe(response);
