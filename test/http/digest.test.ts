import { strict as assert } from "node:assert";
import fc from "fast-check";
import { answerBasic, answerDigest, describeDigest, readChallenges, readNextNonce } from "../../src/http/digest";

const first = (header: string | string[]) => {
  const challenge = readChallenges(header).digest[0];
  assert.ok(challenge, "no usable digest challenge");
  return challenge;
};
const field = (header: string, name: string): string | undefined =>
  new RegExp(`[ ,]${name.replace("*", "\\*")}=(?:"([^"]*)"|([^,]*))`).exec(header)?.slice(1).find(Boolean);

describe("digest challenges", () => {
  const SINGLE: [title: string, header: string | string[], expected: object][] = [
    [
      "of a camera (DS-2CD2155FWD-I V5.5.0): no algorithm, stale in quotes and capitals",
      'Digest qop="auth", realm="IP Camera(83813)", nonce="4e6b", stale="FALSE"',
      { hash: "MD5", qop: true, realm: "IP Camera(83813)", nonce: "4e6b", stale: false },
    ],
    ["with an aged nonce, stale quoted", 'Digest realm="r", nonce="n", stale="TRUE"', { stale: true, qop: false }],
    ["with an aged nonce, stale bare", "Digest realm=r, nonce=n, stale=true", { stale: true, realm: "r", nonce: "n" }],
    ["without qop (RFC 2069)", 'Digest realm="r", nonce="n", algorithm="MD5"', { qop: false, algorithm: "MD5" }],
    ["with an empty qop", 'Digest realm="r", nonce="n", qop=""', { qop: false }],
    ["with qop auth-int and auth", 'Digest realm="r",nonce="n",qop="auth-int,auth"', { qop: true }],
    ["with qop in capitals and a space", 'Digest realm="r",nonce="n",qop="AUTH-INT, AUTH"', { qop: true }],
    ["in any letter case", 'dIGEST REALM="r", NONCE="n", ALGORITHM=sha-256', { hash: "SHA-256", algorithm: "sha-256" }],
    ["with -sess", 'Digest realm="r", nonce="n", algorithm=MD5-sess', { hash: "MD5", session: true }],
    ["with -SESS", 'Digest realm="r", nonce="n", algorithm="SHA-256-SESS"', { hash: "SHA-256", session: true }],
    ["with SHA-512-256", 'Digest realm="r", nonce="n", algorithm=SHA-512-256', { hash: "SHA-512-256", session: false }],
    ["with escaped quotes in the realm", String.raw`Digest realm="a \"b\" \\c", nonce="n"`, { realm: 'a "b" \\c' }],
    ["with commas and equal signs in quotes", 'Digest realm="a, b=c", nonce="n=="', { realm: "a, b=c", nonce: "n==" }],
    ["with spaces around the equal signs", 'Digest realm = "r" , nonce= "n"', { realm: "r", nonce: "n" }],
    ["without commas", 'Digest realm="r" nonce="n" qop="auth"', { realm: "r", nonce: "n", qop: true }],
    ["with an unquoted realm of two words", "Digest realm=IP Camera, nonce=n", { realm: "IP Camera" }],
    ["with empty list elements", 'Digest , realm="r",, nonce="n",', { realm: "r", nonce: "n" }],
    ["with a nonce sent twice: the first counts", 'Digest nonce="1", nonce="2", realm="r"', { nonce: "1" }],
    ["with an unterminated string", 'Digest nonce="n", realm="r', { nonce: "n", realm: "r" }],
    ["without realm", 'Digest nonce="n"', { realm: "" }],
    ["with opaque", 'Digest realm="r", nonce="n", opaque="o"', { opaque: "o" }],
    ["with charset and userhash", "Digest nonce=n, charset=utf-8, userhash=TRUE", { utf8: true, userhash: true }],
    ["with an unknown parameter", 'Digest nonce="n", domain="/a /b", x-hik="1"', { nonce: "n" }],
    ["after Basic in the same line", 'Basic realm="b", Digest realm="r", nonce="n"', { realm: "r" }],
    ["before Basic in the same line", 'Digest realm="r", nonce="n", Basic realm="b"', { realm: "r" }],
    ["after an NTLM token", 'NTLM TlRMTVNTUAACAAAAAA==, Digest realm="r", nonce="n"', { realm: "r", nonce: "n" }],
    ["after a bare Negotiate and NTLM", 'Negotiate, NTLM, Digest realm="r", nonce="n"', { realm: "r" }],
    ["after a Negotiate token with slash and plus", 'Negotiate YII/+a==,Digest realm="r",nonce="n"', { nonce: "n" }],
    ["in the second of two headers", ['Basic realm="b"', 'Digest realm="r", nonce="n"'], { realm: "r" }],
  ];
  for (const [title, header, expected] of SINGLE)
    it(`are read ${title}`, () => {
      const challenge = first(header);
      assert.deepEqual({ ...challenge, ...expected }, challenge);
    });

  it("are told apart where a device puts two in one line (DS-C66S-H88-CL), the stronger first", () => {
    const { digest } = readChallenges(
      'Digest qop="auth", realm="HIK Device", nonce="aa", algorithm="MD5", stale="FALSE", ' +
        'Digest qop="auth", realm="HIK Device", nonce="bb", algorithm="SHA-256", stale="FALSE"',
    );
    assert.deepEqual(
      digest.map(({ hash, nonce }) => [hash, nonce]),
      [
        ["SHA-256", "bb"],
        ["MD5", "aa"],
      ],
    );
  });

  it("are ordered by strength over several headers", () => {
    const header = ["MD5", "SHA-512-256-sess", "SHA-256"].map((name) => `Digest realm=r, nonce="n", algorithm=${name}`);
    assert.deepEqual(
      readChallenges(header).digest.map((challenge) => describeDigest(challenge)),
      ["Digest SHA-512-256-sess", "Digest SHA-256", "Digest MD5"],
    );
  });

  for (const header of [
    'Digest realm="r", nonce="n", algorithm=SHA-1',
    'Digest realm="r", nonce="n", qop="auth-int"',
    'Digest realm="r"',
    'Digest realm="r", nonce=""',
    'Basic realm="r"',
    "",
    ",,,",
  ])
    it(`leave nothing to answer in: ${header}`, () => assert.deepEqual(readChallenges(header).digest, []));

  it("name every scheme that was offered", () => {
    const { schemes, basic } = readChallenges(['NTLM, Bearer realm="x"', "BASIC realm=y"]);
    assert.deepEqual(schemes, ["NTLM", "Bearer", "BASIC"]);
    assert.equal(basic, true);
  });

  it("never throw, whatever the header, and stay fast", () => {
    const pieces = fc.constantFrom(
      "Digest",
      "Basic",
      "nonce",
      "realm",
      "=",
      '"',
      "\\",
      ",",
      " ",
      "\t",
      "a",
      "==",
      "\u00e9",
    );
    fc.assert(fc.property(fc.array(pieces, { maxLength: 60 }), (list) => void readChallenges(list.join(""))));
    for (const piece of ["a ", '"', "\\", " ", ",", "a=", 'a="', "Digest ", "a=b "]) {
      const started = process.cpuUsage().user;
      readChallenges(piece.repeat(65_536 / piece.length));
      assert.ok(process.cpuUsage().user - started < 500_000, `slow on ${JSON.stringify(piece)}`);
    }
  });
});

describe("digest answers", () => {
  const mufasa = { username: "Mufasa", password: "Circle Of Life" };
  const request = { method: "GET", uri: "/dir/index.html", count: 1 };

  it("match RFC 2617 3.5", () => {
    const challenge = first(
      'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", ' +
        'opaque="5ccc069c403ebaf9f0171e9517f40e41"',
    );
    const answer = answerDigest(challenge, mufasa, { ...request, cnonce: "0a4f113b" });
    assert.equal(field(answer, "response"), "6629fae49393a05397450978507c4ef1");
    assert.equal(field(answer, "opaque"), "5ccc069c403ebaf9f0171e9517f40e41");
    assert.equal(field(answer, "algorithm"), undefined, "what was not announced is not echoed");
  });

  it("match RFC 2069 2.4 (with the erratum's response) where the device sends no qop", () => {
    const challenge = first(
      'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
    );
    const credentials = { username: "Mufasa", password: "CircleOfLife" };
    const answer = answerDigest(challenge, credentials, { ...request, cnonce: "x" });
    assert.equal(field(answer, "response"), "1949323746fe6a43ef61f9606e7febea");
    for (const name of ["qop", "nc", "cnonce"]) assert.equal(field(answer, name), undefined);
  });

  const rfc7616 =
    'realm="http-auth@example.org", qop="auth, auth-int", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", ' +
    'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
  const cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
  for (const [algorithm, response] of [
    ["MD5", "8ca523f5e9506fed4657c9700eebdbec"],
    ["SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"],
  ] as const)
    it(`match RFC 7616 3.9.1 with ${algorithm}`, () => {
      const challenge = first(`Digest ${rfc7616}, algorithm=${algorithm}`);
      const answer = answerDigest(challenge, { ...mufasa, password: "Circle of Life" }, { ...request, cnonce });
      assert.equal(
        answer,
        'Digest username="Mufasa", realm="http-auth@example.org", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", ' +
          `uri="/dir/index.html", algorithm=${algorithm}, qop=auth, nc=00000001, cnonce="${cnonce}", ` +
          `response="${response}", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`,
      );
    });

  const doe = { username: "Jäsøn Doe", password: "Secret, or not?" };
  const doeUse = { method: "GET", uri: "/doe.json", count: 1, cnonce: "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v" };
  const rfc7616Doe =
    'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", ' +
    'opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8';

  it("match RFC 7616 3.9.2 as erratum 4897 corrects it: SHA-512/256, userhash, UTF-8", () => {
    const answer = answerDigest(first(`${rfc7616Doe}, userhash=true`), doe, doeUse);
    assert.equal(field(answer, "username"), "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b");
    assert.equal(field(answer, "response"), "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5");
    assert.equal(field(answer, "userhash"), "true");
  });

  it("carry a name beyond ASCII as username* where the device knows UTF-8", () => {
    const answer = answerDigest(first(rfc7616Doe), doe, doeUse);
    assert.equal(field(answer, "username*"), "UTF-8''J%C3%A4s%C3%B8n%20Doe");
    assert.equal(field(answer, "username"), undefined);
    assert.equal(field(answer, "response"), "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5");
  });

  it("carry a name beyond ASCII as UTF-8 bytes elsewhere", () => {
    const answer = answerDigest(first('Digest realm="r", nonce="n", qop="auth"'), doe, doeUse);
    assert.equal(Buffer.from(field(answer, "username") ?? "", "latin1").toString("utf8"), "Jäsøn Doe");
    assert.match(answer, /^[\x20-\x7e\x80-\xff]*$/);
  });

  for (const [title, params, response] of [
    ["3.1, neither qop nor algorithm", "", "bf57e4e0d0bffc0fbaedce64d59add5e"],
    ["3.2, qop auth", 'qop="auth",', "89eb0059246c02b2f6ee02c7961d5ea3"],
    ["3.4, MD5-sess", 'qop="auth", algorithm=MD5-sess,', "e4e4ea61d186d07a92c9e1f6919902e9"],
  ] as const)
    it(`match draft-smith-sipping-auth-examples ${title}`, () => {
      const challenge = first(`Digest ${params} realm="biloxi.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"`);
      const use = { method: "INVITE", uri: "sip:bob@biloxi.com", count: 1, cnonce: "0a4f113b" };
      const answer = answerDigest(challenge, { username: "bob", password: "zanzibar" }, use);
      assert.equal(field(answer, "response"), response);
    });

  it("escape quotes and backslashes in the header, not in what is hashed", () => {
    const challenge = first(String.raw`Digest realm="a \"b\"", nonce="n", qop="auth"`);
    const answer = answerDigest(challenge, { username: 'o"n\\e', password: "p" }, { ...request, cnonce: "c" });
    assert.ok(answer.includes(String.raw`username="o\"n\\e", realm="a \"b\""`), answer);
    const plain = first("Digest realm=x, nonce=n, qop=auth");
    const same = answerDigest(
      { ...plain, realm: 'a "b"' },
      { username: 'o"n\\e', password: "p" },
      { ...request, cnonce: "c" },
    );
    assert.equal(field(answer, "response"), field(same, "response"));
  });

  it("count in eight hex digits", () => {
    const challenge = first('Digest realm="r", nonce="n", qop="auth"');
    assert.equal(field(answerDigest(challenge, mufasa, { ...request, count: 0x1a2b, cnonce: "c" }), "nc"), "00001a2b");
  });

  it("for Basic match RFC 7617, UTF-8 included", () => {
    assert.equal(answerBasic({ username: "Aladdin", password: "open sesame" }), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    assert.equal(answerBasic({ username: "test", password: "123£" }), "Basic dGVzdDoxMjPCow==");
  });
});

describe("Authentication-Info", () => {
  for (const [header, nonce] of [
    ['nextnonce="abc=="', "abc=="],
    ['rspauth="x", cnonce="c", nc=00000001, qop=auth, NextNonce="n"', "n"],
    ['rspauth="x"', undefined],
    ["", undefined],
  ] as const)
    it(`gives the next nonce of ${header || "an empty header"}`, () => assert.equal(readNextNonce(header), nonce));
});
