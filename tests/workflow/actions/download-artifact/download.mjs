// actions/download-artifact v8.0.1, which unpacks with unzip-stream: files that are there are
// written over and keep their modes, and new ones lose theirs.
// https://github.com/actions/download-artifact/blob/v8.0.1/src/download-artifact.ts
//
// $ARTIFACTS stands for GitHub's storage; see upload.mjs.
import crypto from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";

const { ARTIFACTS, NODE_MODULES, GITHUB_WORKSPACE } = process.env;
const require = createRequire(`${NODE_MODULES}/`);
const core = await import(pathToFileURL(path.join(NODE_MODULES, "@actions/core/lib/core.js")));
const { Minimatch } = require("minimatch");
const unzip = require("unzip-stream");

const index = path.join(ARTIFACTS, "index.jsonl");
const lines = fs.existsSync(index) ? fs.readFileSync(index, "utf8").split("\n").filter(Boolean) : [];
// The newest of each name, as after "Re-run failed jobs".
const all = [...new Map(lines.map((line) => JSON.parse(line)).map((one) => [one.name, one])).values()];

function choose() {
  const name = core.getInput("name");
  const ids = core.getInput("artifact-ids");
  const pattern = core.getInput("pattern");
  if (name && ids) throw new Error("Inputs 'name' and 'artifact-ids' cannot be used together. Please specify only one.");
  if (name) {
    const found = all.filter((one) => one.name === name);
    if (!found.length) throw new Error(`Artifact not found for name: ${name}`);
    return found;
  }
  if (ids) {
    const wanted = ids.split(",").map((id) => id.trim()).filter(Boolean).map((id) => {
      if (Number.isNaN(parseInt(id, 10))) throw new Error(`Invalid artifact ID: '${id}'. Must be a number.`);
      return parseInt(id, 10);
    });
    const found = all.filter((one) => wanted.includes(one.id));
    if (!found.length) throw new Error("None of the provided artifact IDs were found");
    const missing = wanted.filter((id) => !found.some((one) => one.id === id));
    if (missing.length) core.warning(`Could not find the following artifact IDs: ${missing.join(", ")}`);
    return found;
  }
  const matcher = pattern ? new Minimatch(pattern) : { match: () => true };
  return all.filter((one) => matcher.match(one.name));
}

async function fetch(one, folder) {
  const file = path.join(ARTIFACTS, String(one.id));
  fs.mkdirSync(folder, { recursive: true });
  if (one.zip && !core.getBooleanInput("skip-decompress")) {
    await new Promise((resolve, reject) => {
      fs.createReadStream(file).pipe(unzip.Extract({ path: folder })).on("close", resolve).on("error", reject);
    });
  } else {
    fs.writeFileSync(path.join(folder, one.zip ? `${one.name}.zip` : one.name), fs.readFileSync(file));
  }
  const digest = crypto.createHash("sha256").update(fs.readFileSync(file)).digest("hex");
  return one.digest === `sha256:${digest}` ? [] : [one.name];
}

try {
  const chosen = choose();
  const target = path.resolve((core.getInput("path") || GITHUB_WORKSPACE).replace(/^~/, os.homedir()));
  const single = core.getInput("name") || core.getBooleanInput("merge-multiple") || chosen.length === 1;
  const fetched = chosen.map((one) => fetch(one, single ? target : path.join(target, one.name)));
  const wrong = (await Promise.all(fetched)).flat();
  const how = core.getInput("digest-mismatch");
  if (wrong.length && how === "error") throw new Error(`Digest validation failed for artifact(s): ${wrong.join(", ")}.`);
  if (wrong.length && how !== "ignore") {
    ({ info: core.info, warn: core.warning })[how](`Artifact '${wrong}' digest validation failed.`);
  }
  core.info(`Total of ${chosen.length} artifact(s) downloaded`);
  core.setOutput("download-path", target);
} catch (error) {
  core.setFailed(`Unable to download artifact(s): ${error.message}`);
}
