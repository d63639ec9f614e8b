import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from '../../lib/kubernetes/manifest';

export const root = resolve(__dirname, '..', '..');

/** What an example writes, file by file. */
export interface Synthesized {
  readonly files: ReadonlyMap<string, string>;
  readonly objects: readonly Manifest[];
  readonly warnings: readonly string[];
}

/** Runs an example as its user does: the program itself calls `app.synth()`. */
export async function synthesize(example: string, ...programArguments: readonly string[]): Promise<Synthesized> {
  const outdir = mkdtempSync(join(tmpdir(), 'meshwright-example-'));
  const { argv } = process;
  const warnings: string[] = [];
  const warn = vi.spyOn(console, 'warn').mockImplementation((line) => void warnings.push(String(line)));
  process.env.CDK8S_OUTDIR = outdir;
  process.argv = [...argv.slice(0, 2), ...programArguments];
  try {
    vi.resetModules();
    await import(join(root, 'examples', example, 'main.ts'));
    const names = readdirSync(outdir).sort();
    const files = new Map(names.map((name) => [name, readFileSync(join(outdir, name), 'utf8')]));
    return { files, objects: [...files.values()].flatMap(objectsOf), warnings };
  } finally {
    warn.mockRestore();
    process.argv = argv;
    delete process.env.CDK8S_OUTDIR;
    rmSync(outdir, { recursive: true });
  }
}

/** Published manifests of real applications. They are not ours, so they are not here; where they lie beside the checkout they are used. */
export function published(file: string): string | undefined {
  const path = resolve(root, '..', 'shared', 'data', 'real-manifests', file);
  return existsSync(path) ? path : undefined;
}

export function objectsOf(yaml: string): readonly Manifest[] {
  return parseAllDocuments(yaml).flatMap((document) => {
    const object: unknown = document.toJS();
    return object === null ? [] : [object as Manifest];
  });
}

/** Finds the object of a kind and name; there must be one. */
export function find(objects: readonly Manifest[], kind: string, name: string, namespace?: string): Manifest {
  const found = objects.filter(
    (object) =>
      object.kind === kind &&
      object.metadata.name === name &&
      (namespace === undefined || object.metadata.namespace === namespace),
  );
  if (found.length !== 1 || !found[0])
    throw new Error(`there are ${found.length} objects ${kind} ${namespace ?? ''}/${name}`);
  return found[0];
}

/** What objects of a mesh refer to and synthesis does not write: the control plane does, or somebody else's release. */
export const elsewhere: readonly string[] = [
  // Its namespaces' trust bundle is published by the control plane.
  'ConfigMap */meshwright-trust',
  // Certificates of gateways: given by the example's reader, or kept by cert-manager.
  'Secret front/portal-tls',
  'Secret edge/site-tls',
];
