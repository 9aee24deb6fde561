/** One verified HTTPS request, for a process of its own: which issuers Node trusts is settled when it starts. Prints the outcome. */
import { deviceHttp } from "./support";

const [host = "", port = ""] = process.argv.slice(2);
const http = deviceHttp(Number(port), process.env["DEVICE_PASSWORD"] ?? "right", {
  address: { protocol: "https", host, port: Number(port) },
});
http
  .request({ method: "GET", path: "/" })
  .then(
    ({ statusCode }) => console.log(`status ${statusCode}`),
    (error: unknown) => console.log(`${String((error as { code?: unknown }).code)}: ${String(error)}`),
  )
  .finally(() => void http.close());
