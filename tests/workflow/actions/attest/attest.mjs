// actions/attest v4.2.2 from the packages that it is made of, but with the Sigstore of the tests:
// the real one's addresses of Sigstore are constants.
// https://github.com/actions/attest/blob/v4.2.2/src/main.ts
import crypto from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const modules = process.env.NODE_MODULES;
const require = createRequire(`${modules}/`);
const load = (file) => import(pathToFileURL(path.join(modules, file)));
const core = await load("@actions/core/lib/core.js");
const github = await load("@actions/github/lib/github.js");
const glob = await load("@actions/glob/lib/glob.js");
const { createStorageRecord } = await load("@actions/attest/lib/artifactMetadata.js");
const { buildIntotoStatement } = await load("@actions/attest/lib/intoto.js");
const { signPayload } = await load("@actions/attest/lib/sign.js");
const { writeAttestation } = await load("@actions/attest/lib/store.js");
const { bundleToJSON } = require("@sigstore/bundle");
const { attachArtifactToImage, getRegistryCredentials } = require("@sigstore/oci");

const sha256 = (file) => crypto.createHash("sha256").update(fs.readFileSync(file)).digest("hex");

async function subjects(name) {
  const [files, digest, sums] = ["path", "digest", "checksums"].map((key) => core.getInput(`subject-${key}`));
  if ([files, digest, sums].filter(Boolean).length !== 1) {
    throw new Error("One of subject-path, subject-digest, or subject-checksums must be provided");
  }
  if (digest) {
    if (!name) throw new Error("subject-name must be provided when using subject-digest");
    const found = /^sha256:([0-9a-f]{64})$/.exec(digest);
    if (!found) throw new Error('subject-digest must be in the format "algorithm:hex_digest"');
    return [{ name, digest: { sha256: found[1] } }];
  }
  if (sums) {
    const text = fs.existsSync(sums) ? fs.readFileSync(sums, "utf8") : sums;
    return text.split(/\r?\n/).filter(Boolean).map((line) => {
      const found = /^([0-9a-f]{64}) [ *]?(.+)$/.exec(line);
      if (!found) throw new Error(`Invalid digest: ${line}`);
      return { name: found[2], digest: { sha256: found[1] } };
    });
  }
  const globber = await glob.create(files.split(/[\n,]/).map((one) => one.trim()).join("\n"));
  const found = (await globber.glob()).filter((one) => fs.statSync(one).isFile());
  if (!found.length) throw new Error(`Could not find subject at path ${files}`);
  return found.map((one) => ({ name: name || path.basename(one), digest: { sha256: sha256(one) } }));
}

// As the real one, but for the check of the token's signature: GitHub's public key is not here.
// https://github.com/actions/toolkit/blob/main/packages/attest/src/provenance.ts
async function provenance() {
  const token = await core.getIDToken("nobody");
  const claims = JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
  const server = process.env.GITHUB_SERVER_URL;
  const [file] = claims.workflow_ref.replace(`${claims.repository}/`, "").split("@");
  return {
    buildDefinition: {
      buildType: "https://actions.github.io/buildtypes/workflow/v1",
      externalParameters: { workflow: { ref: claims.ref, repository: `${server}/${claims.repository}`, path: file } },
      internalParameters: { github: {
        event_name: claims.event_name, repository_id: claims.repository_id,
        repository_owner_id: claims.repository_owner_id, runner_environment: claims.runner_environment,
      } },
      resolvedDependencies: [
        { uri: `git+${server}/${claims.repository}@${claims.ref}`, digest: { gitCommit: claims.sha } },
      ],
    },
    runDetails: {
      builder: { id: `${server}/${claims.job_workflow_ref}` },
      metadata: { invocationId: `${server}/${claims.repository}/actions/runs/${claims.run_id}/attempts/${claims.run_attempt}` },
    },
  };
}

async function predicate() {
  const file = core.getInput("sbom-path");
  if (!file) return { type: "https://slsa.dev/provenance/v1", params: await provenance() };
  if (!fs.existsSync(file)) throw new Error("SBOM file not found");
  const sbom = JSON.parse(fs.readFileSync(file, "utf8"));
  if (sbom.spdxVersion && sbom.SPDXID) {
    return { type: `https://spdx.dev/Document/v${sbom.spdxVersion.split("-")[1]}`, params: sbom };
  }
  if (sbom.bomFormat && sbom.serialNumber && sbom.specVersion) {
    return { type: "https://cyclonedx.org/bom", params: sbom };
  }
  throw new Error("Unsupported SBOM format. Must be valid SPDX or CycloneDX JSON.");
}

try {
  if (!process.env.ACTIONS_ID_TOKEN_REQUEST_URL) {
    throw new Error('missing "id-token" permission. Please add "permissions: id-token: write" to your workflow.');
  }
  const push = core.getBooleanInput("push-to-registry");
  const name = core.getInput("subject-name");
  const about = await subjects(push ? name.toLowerCase() : name);
  if (push && about.length !== 1) {
    throw new Error(`push-to-registry requires exactly one subject but ${about.length} subjects were resolved`);
  }
  const said = await predicate();
  const statement = buildIntotoStatement(about, said);
  const url = process.env.SIGSTORE_URL;
  const signed = await signPayload(
    { body: Buffer.from(JSON.stringify(statement)), type: "application/vnd.in-toto+json" },
    { fulcioURL: url, rekorURL: url, tsaServerURL: url },
  );
  const bundle = bundleToJSON(signed);
  const token = core.getInput("github-token");
  const id = await writeAttestation(bundle, token);
  const target = path.join(fs.mkdtempSync(path.join(process.env.RUNNER_TEMP, "attest-")), "attestation.json");
  fs.writeFileSync(target, `${JSON.stringify(bundle)}\n`);
  core.setOutput("bundle-path", target);
  core.setOutput("attestation-id", id);
  if (push) {
    const image = about[0].name;
    await attachArtifactToImage({
      credentials: getRegistryCredentials(image),
      imageName: image,
      imageDigest: `sha256:${about[0].digest.sha256}`,
      artifact: Buffer.from(JSON.stringify(bundle)),
      mediaType: bundle.mediaType,
      annotations: {
        "dev.sigstore.bundle.content": "dsse-envelope",
        "dev.sigstore.bundle.predicateType": said.type,
      },
      fetchOpts: { timeout: 30000, retry: 3 },
    });
    if (core.getBooleanInput("create-storage-record")) {
      try {
        const { owner, repo } = github.context.repo;
        const found = await github.getOctokit(token).rest.repos.get({ owner, repo });
        if (found.data.owner?.type === "Organization") {
          const digest = `sha256:${about[0].digest.sha256}`;
          await createStorageRecord({ name: image, digest }, { registryUrl: `https://${image.split("/")[0]}` }, token);
        }
      } catch (error) {
        core.warning(`Failed to create storage record: ${error}`);
        core.warning('Please check that the "artifact-metadata:write" permission has been included');
      }
    }
  }
  core.info(`Attested ${about.length} subjects with ${said.type}`);
  if (core.getBooleanInput("show-summary")) {
    const { owner, repo } = github.context.repo;
    const page = `${process.env.GITHUB_SERVER_URL}/${owner}/${repo}/attestations/${id}`;
    await core.summary.addHeading("Attestation Created", 3).addList([`<a href="${page}">${page}</a>`]).write();
  }
} catch (error) {
  core.setFailed(error);
  if (error.cause) core.info(String(error.cause));
}
