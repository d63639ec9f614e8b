import * as pulumi from '@pulumi/pulumi';
import { beforeAll, describe, expect, it } from 'vitest';
import { Late } from '../../lib/model';
import { amount, reveal, text } from '../../stacks/pulumi/late-values';

const host = Late.text('0123456789abcdef');
const port = Late.number(7);
const late = new Map<string | number, unknown>();

beforeAll(async () => {
  const mocks = { newResource: () => ({ id: 'id', state: {} }), call: () => ({}) };
  await pulumi.runtime.setMocks(mocks);
  late.set(host, pulumi.output('db.example'));
  late.set(port, pulumi.output(5432));
});

describe('values known late', () => {
  it('are the Output itself where they are the whole value', () => {
    const revealed = reveal({ image: host, list: [port] }, late) as { image: unknown; list: unknown[] };
    expect(revealed.image).toBe(late.get(host));
    expect(revealed.list[0]).toBe(late.get(port));
  });

  it('are put into longer texts, texts and numbers, once they are known', async () => {
    expect(await known(reveal(`postgres://${host}:${port}/a?b=${host}`, late))).toBe(
      'postgres://db.example:5432/a?b=db.example',
    );
  });

  it('are written as JSON inside JSON', async () => {
    const odd = new Map([[host, pulumi.output('a "b"\n\\')]]);
    const json = JSON.stringify({ list: [`x-${host}`], plain: 1 }, null, 2);
    const revealed = await known(reveal(json, odd));
    expect(JSON.parse(String(revealed))).toEqual({ list: ['x-a "b"\n\\'], plain: 1 });
    expect(await known(reveal(`{ not json ${host}`, odd))).toBe('{ not json a "b"\n\\');
  });

  it('leave every other value as it is', () => {
    const manifest = {
      a: 'text',
      b: -1,
      c: null,
      d: [true, { e: 'late riser' }],
      f: undefined,
      g: Number.MIN_SAFE_INTEGER / 1e6,
    };
    expect(reveal(manifest, late)).toEqual(manifest);
    expect(reveal(manifest, new Map())).toBe(manifest);
  });

  it('cannot be where an object gets its identity', () => {
    const decides = 'decides what is synthesized, but its value is known only at deployment; give it a plain value';
    expect(() => reveal({ metadata: { name: `${host}-a` } }, late)).toThrow(`metadata.name ${decides}`);
    expect(() => reveal({ metadata: { namespace: host } }, late)).toThrow(`metadata.namespace ${decides}`);
    expect(() => reveal({ data: { [host]: 'x' } }, late)).toThrow(`the key of data.${host} ${decides}`);
  });

  it('are not replaced in halves', () => {
    const halved = port / 2;
    expect(() => reveal({ spec: { replicas: [halved] } }, late)).toThrow(
      `spec.replicas[0] is computed from a value that is known only at deployment (${halved} is left of it); give that value plainly`,
    );
    expect(() => reveal({ name: `a-${host.slice(0, 12)}` }, late)).toThrow(
      'name is computed from a value that is known only at deployment (a-late-0x01234 is left of it); give that value plainly',
    );
    expect(() => reveal({ regex: host.replace('-', '\\-') }, late)).toThrow('regex is computed from a value');
  });

  it('stand in for themselves only while a program runs', () => {
    expect(text('plain')).toBe('plain');
    expect(amount(3)).toBe(3);
    expect(() => text(pulumi.output('x'))).toThrow(
      'text() was called outside of a program; call it in the `program` (or `services`) of a MeshComponent',
    );
    expect(() => amount(pulumi.output(1))).toThrow('amount() was called outside of a program');
  });
});

function known(value: unknown): Promise<unknown> {
  return new Promise((resolve) => {
    pulumi.output(value as pulumi.Input<string>).apply(resolve);
  });
}
