import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { type Any, any, type Bootstrap, extension, type Listener, type Messages, type Seconds } from '../../lib/envoy';
import { encode, registry } from '../support/envoy/registry';
import { envoyPath } from '../support/envoy/tools';

const run = promisify(execFile);
const root = resolve(__dirname, '../..');
const generator = join(root, '.ci/envoy-types.mjs');
const routerType = 'envoy.extensions.filters.http.router.v3.Router';
const managerType = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

/** The compiler runs these, with all other types: each `@ts-expect-error` fails where there is no error. */
describe('the types of Envoy', () => {
  it('know the fields of a message, their enums and what they hold', () => {
    expectTypeOf<NonNullable<Bootstrap['staticResources']>['listeners']>().toEqualTypeOf<
      readonly Listener[] | undefined
    >();
    expectTypeOf<Messages[typeof managerType]['codecType']>().toEqualTypeOf<
      'AUTO' | 'HTTP1' | 'HTTP2' | 'HTTP3' | undefined
    >();
    expectTypeOf<Messages[typeof managerType]['requestTimeout']>().toEqualTypeOf<Seconds | undefined>();
    const seconds: Seconds = `${1 / 4}s`;
    // @ts-expect-error a duration has a unit
    const unitless: Seconds = '0.25';
    // @ts-expect-error no such field
    const misspelt: Listener = { nme: 'a' };
    expect([seconds, unitless, misspelt]).toEqual(['0.25s', '0.25', { nme: 'a' }]);
  });

  it('check what is in an Any by its name', () => {
    const good: Any = { '@type': `type.googleapis.com/${routerType}`, suppressEnvoyHeaders: true };
    // @ts-expect-error a field of another message
    const other: Any = { '@type': `type.googleapis.com/${routerType}`, statPrefix: 'a' };
    // @ts-expect-error no such message
    const unknown: Any = { '@type': 'type.googleapis.com/envoy.None' };
    // @ts-expect-error no such value of an enum, three levels down
    const deep: Listener = { filterChains: [{ filters: [{ typedConfig: any(managerType, { codecType: 'HTTP4' }) }] }] };
    const text: Any = { '@type': 'type.googleapis.com/google.protobuf.StringValue', value: 'a' };
    expect([good, other, unknown, deep, text]).toHaveLength(5);
  });

  it('are what the makers of Anys check by', () => {
    // @ts-expect-error no such field
    extension('router', routerType, { suppress: true });
    expect(extension('router', routerType, { suppressEnvoyHeaders: true })).toEqual({
      name: 'router',
      typedConfig: { '@type': `type.googleapis.com/${routerType}`, suppressEnvoyHeaders: true },
    });
  });

  it('name every message as the descriptors do', () => {
    const text = readFileSync(join(root, 'lib/envoy/generated/types.ts'), 'utf8');
    const inAny = [...text.slice(text.indexOf('export interface Messages')).matchAll(/^ {2}'([\w.]+)':/gm)];
    const named = inAny.map(([, name]) => name ?? '');
    expect(named.length).toBeGreaterThan(900);
    expect(named.filter((name) => !registry().getMessage(name))).toEqual([]);
    expect(new Set(named).size).toBe(named.length);
  });
});

describe('what encodes a message', () => {
  it('says what is wrong with one that Envoy does not know', () => {
    const listenerType = 'envoy.config.listener.v3.Listener';
    expect(() => encode({}, 'envoy.None')).toThrow('Envoy has no message envoy.None');
    expect(() => encode({ nme: 'a' }, listenerType)).toThrow(/key "nme" is unknown/);
    expect(() =>
      encode({ filterChains: [{ filters: [{ typedConfig: { '@type': 'a/envoy.None' } }] }] }, listenerType),
    ).toThrow(/envoy\.None is not in the type registry/);
  });
});

describe('.ci/envoy-types.mjs', () => {
  it('leaves alone what it has made of the same Envoy, and names the files', async () => {
    const files = ['proxy/xds/generated/descriptors.binpb.gz', 'lib/envoy/generated/types.ts'].map((file) =>
      join(root, file),
    );
    const made = () => files.map((file) => statSync(file).mtimeMs);
    const before = made();
    const { stdout } = await run(process.execPath, [generator, envoyPath()], { cwd: root });
    expect(
      stdout
        .trim()
        .split('\n')
        .map((file) => resolve(root, file)),
    ).toEqual(files);
    expect(made()).toEqual(before);
  });

  it('refuses what is no Envoy', async () => {
    const refused = run(process.execPath, [generator, process.execPath], { cwd: root });
    await expect(refused).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: `envoy-types: ${process.execPath} does not run as Envoy\n`,
    });
  });
});
