import { parseArgs } from 'node:util';
import { type ConfigKind, configKinds } from './config-kinds';

/** What was asked for. */
export type Command =
  | { readonly kind: 'help'; readonly about?: CommandName }
  | { readonly kind: 'version' }
  | (Run & { readonly kind: 'synth'; readonly out?: string })
  | (Run & { readonly kind: 'check' })
  | (Run & { readonly kind: 'up' })
  | { readonly kind: 'status'; readonly mesh?: string }
  | { readonly kind: 'config'; readonly of: string; readonly what?: ConfigKind; readonly mesh?: string };

export interface Run {
  /** Path of a program, or of its folder. */
  readonly program: string;
  /** What is passed on to it. */
  readonly args: readonly string[];
}

export type CommandName = (typeof commands)[number];

export interface Mistake {
  readonly mistake: string;
  readonly about?: CommandName;
}

const commands = ['synth', 'check', 'up', 'status', 'config'] as const;

const options = {
  out: { type: 'string', short: 'o' },
  mesh: { type: 'string', short: 'm' },
  kind: { type: 'string', short: 'k' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

/** Which options a command takes, beside `--help`. */
const optionsOf: { readonly [C in CommandName]: readonly string[] } = {
  synth: ['out'],
  check: [],
  up: [],
  status: ['mesh'],
  config: ['mesh', 'kind'],
};

/** Commands that run a program, to which options may be passed on. */
const runsProgram: readonly CommandName[] = ['synth', 'check', 'up'];

/** Reads a command line. Options may stand anywhere before `--`; what stands after it is the program's. */
export function parse(argv: readonly string[]): Command | Mistake {
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true });
  const positionals: string[] = [];
  const given: { name: string; written: string; value?: string }[] = [];
  let passedOn: readonly string[] = [];
  for (const token of tokens) {
    if (token.kind === 'option-terminator') {
      passedOn = argv.slice(token.index + 1);
      break;
    }
    if (token.kind === 'positional') positionals.push(token.value);
    else given.push({ name: token.name, written: token.rawName, ...(token.value ? { value: token.value } : {}) });
  }
  const [name, program, ...args] = positionals;
  const command = commands.find((one) => one === name);
  const has = (option: string) => given.some((one) => one.name === option);
  if (has('help')) return { kind: 'help', ...(command ? { about: command } : {}) };
  if (name === undefined) return has('version') ? { kind: 'version' } : noCommand(given[0]?.written);
  if (name === 'help') return { kind: 'help', ...aboutOf(program) };
  if (!command) return { mistake: `there is no command ${name}${suggestion(name, [...commands, 'help'])}` };
  for (const { name: option, written, value } of given) {
    if (!optionsOf[command].includes(option))
      return unknownOption(command, written, program !== undefined && runsProgram.includes(command));
    if (value === undefined) return { mistake: `${written} needs a value`, about: command };
  }
  const lastOf = (option: string) => given.findLast((one) => one.name === option)?.value;
  const words = [...positionals.slice(1), ...passedOn];
  switch (command) {
    case 'status':
      return statusOf(words, lastOf('mesh'));
    case 'config':
      return configOf(words, lastOf('kind'), lastOf('mesh'));
    case 'synth':
    case 'check':
    case 'up': {
      if (program === undefined) return { mistake: `${command} needs a program, or the folder of one`, about: command };
      const out = lastOf('out');
      return { kind: command, program, args: [...args, ...passedOn], ...(out ? { out } : {}) };
    }
  }
}

function statusOf(words: readonly string[], mesh: string | undefined): Command | Mistake {
  const [word] = words;
  if (word !== undefined) return { mistake: `status takes no ${word}; a mesh is named by --mesh`, about: 'status' };
  return { kind: 'status', ...(mesh !== undefined && { mesh }) };
}

function configOf(words: readonly string[], kind: string | undefined, mesh: string | undefined): Command | Mistake {
  const [of, word] = words;
  if (of === undefined) return { mistake: 'config needs a service, a gateway or a pod', about: 'config' };
  if (word !== undefined)
    return { mistake: `config shows one thing at a time, and got ${word} beside ${of}`, about: 'config' };
  const what = configKinds.find((one) => one === kind);
  if (kind !== undefined && what === undefined) {
    const mistake = `there is no kind ${kind}${suggestion(kind, configKinds)}; there are ${configKinds.join(', ')}`;
    return { mistake, about: 'config' };
  }
  return { kind: 'config', of, ...(what && { what }), ...(mesh !== undefined && { mesh }) };
}

function noCommand(option: string | undefined): Mistake {
  return { mistake: option === undefined ? 'a command is missing' : `there is no option ${option}` };
}

function aboutOf(name: string | undefined): { readonly about?: CommandName } {
  const about = commands.find((one) => one === name);
  return about ? { about } : {};
}

function unknownOption(command: CommandName, written: string, hasProgram: boolean): Mistake {
  const known = [...optionsOf[command], 'help'].map((option) => `--${option}`);
  const forProgram = hasProgram ? '; if it is meant for the program, write it after --' : '';
  return { mistake: `${command} has no option ${written}${suggestion(written, known)}${forProgram}`, about: command };
}

function suggestion(written: string, known: readonly string[]): string {
  const near = known
    .map((word) => ({ word, distance: distance(written, word) }))
    .sort((a, b) => a.distance - b.distance)[0];
  return near && near.distance <= Math.max(1, near.word.length / 3) ? `; did you mean ${near.word}?` : '';
}

/** How many letters must be added, removed or replaced (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
