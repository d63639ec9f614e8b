import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';

const root = join(__dirname, '../..');
const program = 'test/stacks/programs/objects.ts';
const scratch = mkdtempSync(join(tmpdir(), 'meshwright-cli-'));
let out = '';
let count = 0;

beforeEach(() => {
  out = join(scratch, String(count++), 'out');
});
afterAll(() => rmSync(scratch, { recursive: true }));

describe('meshwright synth', () => {
  it('writes plain YAML and tells how to apply it', async () => {
    expect(await meshwright('synth', program, 'well', '--out', out)).toEqual({
      code: 0,
      stderr: '',
      stdout: [
        'one.k8s.yaml  1  1 ConfigMap',
        `1 object in 1 file in ${out}`,
        '',
        'To apply it:',
        `  kubectl apply --server-side -f ${out}`,
        '',
      ].join('\n'),
    });
    expect(readFileSync(join(out, 'one.k8s.yaml'), 'utf8')).toBe(
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one-settings\ndata:\n  rest: ""\n  text: |\n    ---\n    kind: Foo\n',
    );
    expect(readdirSync(join(out, '..'))).toEqual(['out']);
  });

  it('passes on what follows the program, and options after --', async () => {
    await meshwright('synth', '-o', out, program, 'well', 'a', '--', '--odd', '--', '-h');
    expect(readFileSync(join(out, 'one.k8s.yaml'), 'utf8')).toContain('\n  rest: a --odd -- -h\n');
  });

  it('takes a folder with a main file, JavaScript as well', async () => {
    const { code } = await meshwright('synth', 'test/stacks/programs/folder', 'given', '--out', out);
    expect([code, readdirSync(out)]).toEqual([0, ['chart.k8s.yaml']]);
    expect(readFileSync(join(out, 'chart.k8s.yaml'), 'utf8')).toContain('name: chart-given');
  });

  it('replaces what was synthesized before, whole', async () => {
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, 'gone.k8s.yaml'), 'kind: Old\n');
    expect((await meshwright('synth', program, 'well', '--out', out)).code).toBe(0);
    expect(readdirSync(out)).toEqual(['one.k8s.yaml']);
    expect(readdirSync(join(out, '..'))).toEqual(['out']);
  });

  it('prints every mistake and leaves what was there', async () => {
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, 'old.k8s.yaml'), 'kind: Old\n');
    expect(await meshwright('synth', program, 'mistakes', '--out', out)).toEqual({
      code: 1,
      stdout: '',
      stderr: [
        'error: MESH0001 (root): there is no mesh',
        'error: MESH0009 one: service web has no pods; give an `image`',
        'error: one: not one of ours',
        '3 mistakes',
        `nothing was written; ${out} is as it was`,
        '',
      ].join('\n'),
    });
    expect(readFileSync(join(out, 'old.k8s.yaml'), 'utf8')).toBe('kind: Old\n');
    expect(readdirSync(join(out, '..'))).toEqual(['out']);
  });

  it('leaves nothing of a program that fails, even after it has written', async () => {
    const thrown = await meshwright('synth', program, 'throws', '--out', out);
    expect([thrown.code, thrown.stderr]).toEqual([
      1,
      expect.stringMatching(/^Error: no such thing\n {4}at .*objects\.ts/),
    ]);
    expect(thrown.stderr.endsWith('\nnothing was written\n')).toBe(true);
    expect(await meshwright('synth', program, 'ends', '--out', out)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'nothing was written\n',
    });
    expect((await meshwright('synth', program, 'halfway', '--out', out)).code).toBe(1);
    expect(existsSync(join(out, '..'))).toBe(false);
  });

  it('explains a program that writes nothing', async () => {
    const ended = `error: ${program} has ended without writing a manifest; it must call app.synth(), and its App must have no \`outdir\` of its own\nnothing was written\n`;
    expect((await meshwright('synth', program, 'forgets', '--out', out)).stderr).toBe(ended);
    process.env.ELSEWHERE = join(scratch, 'elsewhere');
    expect((await meshwright('synth', program, 'elsewhere', '--out', out)).stderr).toBe(ended);
  });

  it('does not replace a folder that it has not written', async () => {
    mkdirSync(join(out, 'src'), { recursive: true });
    writeFileSync(join(out, 'src/app.ts'), '');
    expect(await meshwright('synth', program, 'well', '--out', out)).toEqual({
      code: 1,
      stdout: '',
      stderr: `error: ${out} holds src/app.ts, which is no manifest; what a synthesis writes to is replaced, so give it a folder of its own: --out <folder>\n`,
    });
    expect(existsSync(join(out, 'src/app.ts'))).toBe(true);
  });

  it('is told what there is not', async () => {
    expect((await meshwright('synth', 'nowhere')).stderr).toBe('error: there is no program nowhere\n');
    expect((await meshwright('synth', 'test/stacks/programs')).stderr).toBe(
      'error: the folder test/stacks/programs holds no main.ts; name the file of the program\n',
    );
    expect((await meshwright('synth', 'examples/pulumi')).stderr).toBe(
      'error: the folder examples/pulumi holds a Pulumi program; run it with: pulumi -C examples/pulumi up\n',
    );
  });
});

describe('meshwright check', () => {
  it('ends with 0 without a mistake, and with 1 and every mistake with one', async () => {
    expect(await meshwright('check', program)).toEqual({ code: 0, stdout: `${program} has no mistake\n`, stderr: '' });
    const failed = await meshwright('check', program, 'mistakes');
    expect([failed.code, failed.stdout, failed.stderr.split('\n').at(-2)]).toEqual([1, '', '3 mistakes']);
  });
});

describe('meshwright', () => {
  it('ends in peace when nobody reads on', async () => {
    expect(await unread('--help')).toEqual({ code: 0, stderr: '' });
  });

  it('tells its version', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(await meshwright('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('ends with 2 for a command line that it does not understand', async () => {
    const { code, stdout, stderr } = await meshwright('sinth', program);
    expect([code, stdout, stderr.split('\n')[0]]).toEqual([
      2,
      '',
      'error: there is no command sinth; did you mean synth?',
    ]);
  });
});

/** Runs it for a reader who has gone before the first line comes, and gives what it says of that. */
async function unread(...args: readonly string[]): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'stacks/cli.ts', ...args], { cwd: root });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, stderr };
}

function meshwright(...args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'stacks/cli.ts', ...args], { cwd: root });
  const result = { code: null as number | null, stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    result.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    result.stderr += chunk;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ ...result, code })));
}
