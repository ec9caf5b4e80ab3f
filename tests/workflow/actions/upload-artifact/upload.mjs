// actions/upload-artifact v7.0.1: what it finds and how it packs it are its own packages' doing.
// https://github.com/actions/upload-artifact/blob/v7.0.1/src/upload/upload-artifact.ts
//
// $ARTIFACTS stands for GitHub's storage: a file for each artifact, and index.jsonl that names them.
import crypto from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { pathToFileURL } from "node:url";

const { ARTIFACTS, NODE_MODULES, GITHUB_RUN_ATTEMPT: attempt } = process.env;
const load = (file) => import(pathToFileURL(path.join(NODE_MODULES, file)));
const archiver = createRequire(`${NODE_MODULES}/`)("archiver");
const core = await load("@actions/core/lib/core.js");
const glob = await load("@actions/glob/lib/glob.js");

const index = path.join(ARTIFACTS, "index.jsonl");
const known = () =>
  fs.existsSync(index) ? fs.readFileSync(index, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line)) : [];

// https://github.com/actions/upload-artifact/blob/v7.0.1/src/shared/search.ts
async function search(paths, hidden) {
  const globber = await glob.create(paths, {
    followSymbolicLinks: true, implicitDescendants: true, omitBrokenSymbolicLinks: true, excludeHiddenFiles: !hidden,
  });
  const files = (await globber.glob()).filter((file) => !fs.statSync(file).isDirectory());
  const roots = globber.getSearchPaths();
  if (roots.length > 1) {
    const split = roots.map((root) => path.normalize(root).split(path.sep));
    let depth = 0;
    while (split.every((parts) => depth < parts.length && parts[depth] === split[0][depth])) depth += 1;
    return { files, root: path.join(path.sep, ...split[0].slice(0, depth)) };
  }
  return { files, root: files.length === 1 && roots[0] === files[0] ? path.dirname(files[0]) : roots[0] };
}

// https://github.com/actions/toolkit/blob/main/packages/artifact/src/internal/upload/path-and-artifact-name-validation.ts
function validate(name, forbidden, what) {
  const bad = [...forbidden].find((one) => name.includes(one));
  if (bad) throw new Error(`${what} is not valid: ${name}. Contains the following character: ${JSON.stringify(bad)}`);
}

async function pack(files, root, target) {
  const zip = archiver.create("zip", { zlib: { level: Number(core.getInput("compression-level")) } });
  for (const file of files) {
    const name = file.replace(root, "");
    validate(name, '":<>|*?\r\n', "The path for one of the files in artifact");
    zip.file(fs.realpathSync(file), { name });
  }
  zip.finalize();
  await pipeline(zip, fs.createWriteStream(target));
}

try {
  const archive = core.getBooleanInput("archive");
  const missing = core.getInput("if-no-files-found");
  const { files, root } = await search(core.getInput("path", { required: true }), core.getBooleanInput("include-hidden-files"));
  if (!files.length) {
    const message = `No files were found with the provided path: ${core.getInput("path")}. No artifacts will be uploaded.`;
    ({ warn: core.warning, error: core.setFailed, ignore: core.info })[missing](message);
    process.exit();
  }
  if (!archive && files.length > 1) {
    throw new Error(`When 'archive' is set to false, only a single file can be uploaded. Found ${files.length} files to upload.`);
  }
  const name = archive ? core.getInput("name") : path.basename(files[0]);
  validate(name, '":<>|*?\r\n\\/', "The artifact name");
  fs.mkdirSync(ARTIFACTS, { recursive: true });
  if (core.getBooleanInput("overwrite")) {
    const kept = known().filter((one) => one.name !== name);
    fs.writeFileSync(index, kept.map((one) => `${JSON.stringify(one)}\n`).join(""));
  }
  // A name exists once in an attempt of a run; a later attempt may use it again.
  if (known().some((one) => one.name === name && one.attempt === attempt)) {
    throw new Error("Failed to CreateArtifact: Received non-retryable error: Failed request: (409) Conflict: an artifact with this name already exists on the workflow run");
  }
  const id = 1 + fs.readdirSync(ARTIFACTS).length;
  const target = path.join(ARTIFACTS, String(id));
  if (archive) await pack(files, path.resolve(root), target);
  else fs.copyFileSync(files[0], target);
  const digest = crypto.createHash("sha256").update(fs.readFileSync(target)).digest("hex");
  const level = Number(core.getInput("compression-level"));
  const entry = { id, name, attempt, zip: archive, digest: `sha256:${digest}`, days: core.getInput("retention-days"), level };
  fs.appendFileSync(index, `${JSON.stringify({ ...entry, job: process.env.GITHUB_JOB })}\n`);
  core.info(`Artifact ${name} has been successfully uploaded! Artifact ID is ${id}`);
  core.setOutput("artifact-id", id);
  core.setOutput("artifact-digest", digest);
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = process.env;
  core.setOutput("artifact-url", `${server}/${repository}/actions/runs/${run}/artifacts/${id}`);
} catch (error) {
  core.setFailed(error);
}
