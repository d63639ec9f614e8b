import { describe, expect, it } from 'vitest';
import { parse } from '../../stacks/command-line/arguments';
import { helpOf } from '../../stacks/command-line/help';

describe('the command line', () => {
  it.each([
    [['synth', 'main.ts'], { kind: 'synth', program: 'main.ts', args: [] }],
    [['synth', 'shop', 'a', 'b'], { kind: 'synth', program: 'shop', args: ['a', 'b'] }],
    [['synth', 'shop', 'a', '--out', 'x'], { kind: 'synth', program: 'shop', args: ['a'], out: 'x' }],
    [['-o', 'x', 'synth', 'shop'], { kind: 'synth', program: 'shop', args: [], out: 'x' }],
    [['synth', '--out=x', '--out=y', 'shop'], { kind: 'synth', program: 'shop', args: [], out: 'y' }],
    [
      ['synth', 'shop', 'a', '--', '--out', '-h', '--'],
      { kind: 'synth', program: 'shop', args: ['a', '--out', '-h', '--'] },
    ],
    [['check', 'shop', 'a'], { kind: 'check', program: 'shop', args: ['a'] }],
    [['up', 'shop', 'a', '--', '-x'], { kind: 'up', program: 'shop', args: ['a', '-x'] }],
    [['status'], { kind: 'status' }],
    [['status', '--mesh', 'shop'], { kind: 'status', mesh: 'shop' }],
    [['config', 'web'], { kind: 'config', of: 'web' }],
    [['config', 'web', '-k', 'routes', '-m', 'shop'], { kind: 'config', of: 'web', what: 'routes', mesh: 'shop' }],
    [['--version'], { kind: 'version' }],
    [['-v'], { kind: 'version' }],
    [['--help'], { kind: 'help' }],
    [['help'], { kind: 'help' }],
    [['help', 'check'], { kind: 'help', about: 'check' }],
    [['synth', '--help'], { kind: 'help', about: 'synth' }],
    [['synth', 'shop', '-h'], { kind: 'help', about: 'synth' }],
  ])('%j', (argv, command) => {
    expect(parse(argv)).toEqual(command);
  });

  it.each([
    [[], 'a command is missing', undefined],
    [['--out', 'x'], 'there is no option --out', undefined],
    [['chek', 'shop'], 'there is no command chek; did you mean check?', undefined],
    [['deploy'], 'there is no command deploy', undefined],
    [['synth'], 'synth needs a program, or the folder of one', 'synth'],
    [
      ['check', 'shop', '--out', 'x'],
      'check has no option --out; if it is meant for the program, write it after --',
      'check',
    ],
    [
      ['synth', 'shop', '--ouT=x'],
      'synth has no option --ouT; did you mean --out?; if it is meant for the program, write it after --',
      'synth',
    ],
    [['synth', '--verbose'], 'synth has no option --verbose', 'synth'],
    [['up'], 'up needs a program, or the folder of one', 'up'],
    [['up', 'shop', '--mesh', 'x'], 'up has no option --mesh; if it is meant for the program, write it after --', 'up'],
    [['status', 'shop'], 'status takes no shop; a mesh is named by --mesh', 'status'],
    [['status', '--mehs', 'x'], 'status has no option --mehs; did you mean --mesh?', 'status'],
    [['config'], 'config needs a service, a gateway or a pod', 'config'],
    [['config', 'a', 'b'], 'config shows one thing at a time, and got b beside a', 'config'],
    [
      ['config', 'a', '--kind', 'route'],
      'there is no kind route; did you mean routes?; there are listeners, routes, clusters, endpoints, secrets, extensions, all',
      'config',
    ],
    [['synth', 'shop', '--out'], '--out needs a value', 'synth'],
    [
      ['synth', 'shop', '--version'],
      'synth has no option --version; if it is meant for the program, write it after --',
      'synth',
    ],
  ])('%j is a mistake', (argv, mistake, about) => {
    expect(parse(argv)).toEqual({ mistake, ...(about ? { about } : {}) });
  });

  it('is explained for everything and for each command', () => {
    expect(helpOf(undefined)).toContain('meshwright synth <program> [arguments]   write the manifests of a mesh');
    expect(helpOf('synth')).toMatch(/^meshwright synth <program> .*--out <folder>/);
    expect(helpOf('check')).toMatch(/^meshwright check <program> /);
    for (const command of ['up', 'status', 'config'] as const) {
      expect(helpOf(undefined)).toContain(`\n  meshwright ${command}`);
      expect(helpOf(command)).toMatch(new RegExp(`^meshwright ${command}`));
    }
    const details = (['synth', 'check', 'up', 'status', 'config'] as const).map(helpOf);
    for (const line of [helpOf(undefined), ...details].join('\n').split('\n')) {
      expect(line.length).toBeLessThanOrEqual(120);
    }
  });
});
