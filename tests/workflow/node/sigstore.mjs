// A Sigstore on this machine: Fulcio, Rekor and a timestamp authority with keys of their own.
//
//   NODE_MODULES=…/node_modules node sigstore.mjs
//
// Prints its address and the trusted root that gh needs, as one line of JSON, and then serves until
// its standard input ends.
import crypto from "node:crypto";
import http from "node:http";
import { createRequire } from "node:module";

const mock = createRequire(`${process.env.NODE_MODULES}/`)("@sigstore/mock");

const key = crypto.generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const ctlog = await mock.initializeCTLog(key);
const ca = await mock.initializeCA(key, ctlog);
const tlog = await mock.initializeTLog("https://rekor.mock", key);
const tsa = await mock.initializeTSA(key);
const handlers = [
  mock.fulcioHandler(ca, { strict: true }),
  mock.rekorHandler(tlog, { strict: true }),
  mock.tsaHandler(tsa, { strict: true }),
];

const server = http.createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const handler = handlers.find((one) => one.path === request.url);
  if (!handler) return response.writeHead(404).end();
  const answer = await handler.fn(Buffer.concat(chunks).toString());
  response.statusCode = answer.statusCode;
  if (answer.contentType) response.setHeader("content-type", answer.contentType);
  response.end(answer.response);
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));

const start = new Date(Date.now() - 3600e3).toISOString();
const base64 = (value) => Buffer.from(value).toString("base64");
const log = (publicKey, baseUrl) => ({
  baseUrl, hashAlgorithm: "SHA2_256",
  publicKey: { rawBytes: base64(publicKey), keyDetails: "PKIX_ECDSA_P256_SHA_256", validFor: { start } },
  logId: { keyId: crypto.createHash("sha256").update(publicKey).digest("base64") },
});
const authority = (certificates, uri) => ({
  uri, subject: { organization: "sigstore.mock", commonName: "sigstore" }, validFor: { start },
  certChain: { certificates: certificates.map((one) => ({ rawBytes: base64(one.buffer ?? one) })) },
});
const root = {
  mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
  tlogs: [log(tlog.publicKey, "https://rekor.mock")],
  certificateAuthorities: [authority([ca.rootCertificate], "https://fulcio.mock")],
  ctlogs: [log(ctlog.publicKey, "https://ct.mock")],
  timestampAuthorities: [authority([tsa.intCertificate, tsa.rootCertificate], "https://tsa.mock")],
};
console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}`, root }));
process.stdin.resume().on("end", () => process.exit());
