/** The oracle is held against the RFCs' own examples: it must say that only the nonce is not its own. */
import assert from "node:assert/strict";
import { DigestCheck, type DigestOptions } from "./digest-check";
import { realClock } from "./clock";

interface Vector {
  readonly title: string;
  readonly realm: string;
  readonly qop: DigestOptions["qop"];
  readonly opaque?: string;
  readonly target: string;
  readonly username: string;
  readonly password: string;
  readonly answer: Readonly<Record<string, string>>;
}

const RFC7616 = {
  realm: "http-auth@example.org",
  qop: "auth",
  opaque: "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
  target: "/dir/index.html",
  username: "Mufasa",
  password: "Circle of Life",
} as const;

const RFC7616_ANSWER = {
  nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
  nc: "00000001",
  cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
  qop: "auth",
};

const VECTORS: readonly Vector[] = [
  {
    title: "RFC 7616 3.9.1, MD5",
    ...RFC7616,
    answer: { ...RFC7616_ANSWER, algorithm: "MD5", response: "8ca523f5e9506fed4657c9700eebdbec" },
  },
  {
    title: "RFC 7616 3.9.1, SHA-256",
    ...RFC7616,
    answer: {
      ...RFC7616_ANSWER,
      algorithm: "SHA-256",
      response: "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
    },
  },
  {
    title: "RFC 7616 3.9.2 with erratum 4897, SHA-512-256",
    realm: "api@example.org",
    qop: "auth",
    opaque: "HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS",
    target: "/doe.json",
    username: "J\u00e4s\u00f8n Doe",
    password: "Secret, or not?",
    answer: {
      nonce: "5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK",
      nc: "00000001",
      cnonce: "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
      qop: "auth",
      algorithm: "SHA-512-256",
      response: "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5",
    },
  },
  {
    title: "RFC 2617 3.5",
    realm: "testrealm@host.com",
    qop: "auth",
    opaque: "5ccc069c403ebaf9f0171e9517f40e41",
    target: "/dir/index.html",
    username: "Mufasa",
    password: "Circle Of Life",
    answer: {
      nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093",
      nc: "00000001",
      cnonce: "0a4f113b",
      qop: "auth",
      response: "6629fae49393a05397450978507c4ef1",
    },
  },
  {
    title: "RFC 2069 2.4 with its erratum, no qop",
    realm: "testrealm@host.com",
    qop: null,
    opaque: "5ccc069c403ebaf9f0171e9517f40e41",
    target: "/dir/index.html",
    username: "Mufasa",
    password: "CircleOfLife",
    answer: { nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093", response: "1949323746fe6a43ef61f9606e7febea" },
  },
];

function check(vector: Vector, change: Readonly<Record<string, string>> = {}): string | undefined {
  const { realm, qop, opaque, target, username, password } = vector;
  const digest = new DigestCheck(realClock, {
    realm,
    qop,
    opaque,
    nonceUses: Infinity,
    nonceLifetimeMs: Infinity,
    nc: "window",
  });
  const answer = new Map(
    Object.entries({ username, realm, uri: target, ...(opaque && { opaque }), ...vector.answer, ...change }),
  );
  return digest.check({ method: "GET", target, body: Buffer.alloc(0) }, answer, username, password);
}

describe("virtual device: digest", () => {
  for (const vector of VECTORS) {
    it(`agrees with ${vector.title}`, () => {
      assert.equal(check(vector), "unknownNonce");
    });

    it(`sees one wrong digit in ${vector.title}`, () => {
      const right = vector.answer["response"] ?? "";
      const wrong = (right.startsWith("0") ? "1" : "0") + right.slice(1);
      assert.equal(check(vector, { response: wrong }), "wrongResponse");
    });
  }
});
