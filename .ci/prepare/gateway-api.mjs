// The CRDs of Gateway API, as the project publishes them in its Go module, as one TypeScript file of the library.
//
// The descriptions (three quarters of the text) and `status` are dropped: nothing that validates is. The library has no file
// system, so the data is a string in a module, parsed only when asked for; the compiler sees a `string`, not a type as
// large as the data.
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canInstall, install } from './apt.mjs';
import { failure, root, writeWhole } from './cache.mjs';
import { run, which } from './command.mjs';
import { openZip } from './zip.mjs';

const goModule = 'sigs.k8s.io/gateway-api';
const version = 'v1.7.0';
/** The content, as go.sum would pin it. */
const sum = 'h1:duVnm7nO6oXfMMUWfcDoBph47CYR/ME3NGxccOVglaY=';
const generated = join(root, 'lib/kubernetes/generated/gateway-api-crds.ts');
const channelAnnotation = 'gateway.networking.k8s.io/channel';

export const gatewayApi = {
  name: `Gateway API ${version}`,

  isDone() {
    return existsSync(generated) && readFileSync(generated, 'utf8').includes(stamp());
  },

  work({ say }) {
    let channels;
    try {
      channels = fetchChannels(say);
    } catch (error) {
      if (!existsSync(generated)) throw error;
      return `kept what was generated before, because of this: ${error.message}`;
    }
    const standard = channels.standard.map(minimised);
    const experimental = channels.experimental
      .map(minimised)
      .filter((crd) => !standard.some((other) => sameButChannel(crd, other)));
    const data = JSON.stringify({ version, standard, experimental });
    writeWhole(generated, moduleText(data));
    return `wrote ${standard.length} standard and ${experimental.length} experimental CRDs, ${Math.round(data.length / 1024)} KB`;
  },
};

/** The CRDs of both channels, whole. The module is data here: a Go that is too old to build it serves as well. */
function fetchChannels(say) {
  if (!which('go') && canInstall()) install('golang-go', say);
  if (!which('go'))
    throw failure(
      `go is needed to download the module ${goModule}`,
      'install Go (Debian: golang-go); any version from 1.16 will do',
    );
  const elsewhere = mkdtempSync(join(tmpdir(), 'gateway-api-')); // outside of any module or workspace
  const result = run('go', ['mod', 'download', '-json', `${goModule}@${version}`], {
    cwd: elsewhere,
    env: { ...process.env, GOFLAGS: '', GOWORK: 'off' },
  });
  rmSync(elsewhere, { recursive: true, force: true });
  const answer = result.stdout.startsWith('{') ? JSON.parse(result.stdout) : {};
  // A Go older than the module says so in `Error`, after it has downloaded and verified it.
  if (!answer.Zip || !existsSync(answer.Zip)) {
    throw failure(
      `go could not download ${goModule}@${version}:\n  ${answer.Error ?? result.said}`,
      `make "go mod download ${goModule}@${version}" work: it needs a Go module proxy, which "go env GOPROXY" names`,
    );
  }
  if (answer.Sum !== sum) {
    throw failure(
      `${goModule}@${version} has the sum ${answer.Sum}, expected ${sum}`,
      'clear the Go module cache ("go clean -modcache") and try again',
    );
  }
  const entries = openZip(answer.Zip);
  return { standard: crdsIn(entries, 'standard'), experimental: crdsIn(entries, 'experimental') };
}

function crdsIn(entries, channel) {
  const { parseAllDocuments } = createRequire(join(root, 'package.json'))('yaml');
  const folder = `${goModule}@${version}/config/crd/${channel}/`;
  const names = [...entries.keys()].filter((name) => name.startsWith(folder) && name.endsWith('.yaml')).sort();
  const crds = names
    .flatMap((name) => parseAllDocuments(entries.get(name).read().toString('utf8')).map((document) => document.toJS()))
    .filter((object) => object?.kind === 'CustomResourceDefinition');
  if (crds.length === 0) throw new Error(`no CRD in ${folder}`);
  return crds;
}

function minimised({ status, ...crd }) {
  const versions = crd.spec.versions.map((served) => ({
    ...served,
    schema: { openAPIV3Schema: withoutDescriptions(served.schema.openAPIV3Schema) },
  }));
  return { ...crd, spec: { ...crd.spec, versions } };
}

/** Follows the places where a schema holds schemas: a property may be called `description`. */
function withoutDescriptions({ description, ...schema }) {
  const each = (schemas) =>
    Object.fromEntries(Object.entries(schemas).map(([name, inner]) => [name, withoutDescriptions(inner)]));
  const result = { ...schema };
  if (schema.properties) result.properties = each(schema.properties);
  for (const key of ['items', 'additionalProperties', 'not']) {
    if (typeof schema[key] === 'object') result[key] = withoutDescriptions(schema[key]);
  }
  for (const key of ['allOf', 'anyOf', 'oneOf']) {
    if (schema[key]) result[key] = schema[key].map(withoutDescriptions);
  }
  return result;
}

function sameButChannel(one, other) {
  return JSON.stringify(inChannel(one, 'any')) === JSON.stringify(inChannel(other, 'any'));
}

function inChannel(crd, channel) {
  return {
    ...crd,
    metadata: { ...crd.metadata, annotations: { ...crd.metadata.annotations, [channelAnnotation]: channel } },
  };
}

function moduleText(data) {
  return `// Generated by .ci/prepare/gateway-api.mjs from the Go module ${goModule} ${version}. Not edited, not committed.
// ${stamp()}

/** The version of Gateway API whose CRDs these are. */
export const gatewayApiVersion = '${version}';

/**
 * Gateway API is published in two channels: what is stable, and all of it.
 * https://gateway-api.sigs.k8s.io/concepts/versioning/#release-channels
 */
export type GatewayApiChannel = 'standard' | 'experimental';

/** A CustomResourceDefinition as it is published, without the descriptions in its schemas. */
export interface GatewayApiCrd {
  readonly apiVersion: 'apiextensions.k8s.io/v1';
  readonly kind: 'CustomResourceDefinition';
  readonly metadata: {
    readonly name: string;
    readonly annotations: { readonly [key: string]: string };
    readonly labels?: { readonly [key: string]: string };
  };
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string; readonly plural: string; readonly [field: string]: unknown };
    readonly scope: 'Namespaced' | 'Cluster';
    readonly versions: readonly { readonly name: string; readonly served: boolean; readonly storage: boolean; readonly [field: string]: unknown }[];
    readonly [field: string]: unknown;
  };
}

/** All CRDs of a channel by name, sorted; a new copy at every call. */
export function gatewayApiCrds(channel: GatewayApiChannel): GatewayApiCrd[] {
  const { standard, experimental } = JSON.parse(data) as Record<GatewayApiChannel, GatewayApiCrd[]>;
  if (channel === 'standard') return standard;
  // Only what differs is kept twice; the rest says in an annotation which channel it was installed from.
  const differing = new Set(experimental.map((crd) => crd.metadata.name));
  const same = standard.filter((crd) => !differing.has(crd.metadata.name)).map((crd) => ({
    ...crd,
    metadata: { ...crd.metadata, annotations: { ...crd.metadata.annotations, '${channelAnnotation}': channel } },
  }));
  return [...experimental, ...same].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

const data: string = ${stringLiteral(data)};
`;
}

/** In single quotes, so that the quotes of JSON stand as they are. */
function stringLiteral(text) {
  const escapes = { '\\': '\\\\', "'": "\\'", '\n': '\\n', '\r': '\\r', '\u2028': '\\u2028', '\u2029': '\\u2029' };
  return `'${text.replace(/[\\'\n\r\u2028\u2029]/g, (character) => escapes[character])}'`;
}

/** Changes with the version and with this file. */
function stamp() {
  return `source ${createHash('sha256')
    .update(readFileSync(new URL(import.meta.url)))
    .digest('hex')}`;
}
