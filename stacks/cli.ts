import { createRequire } from 'node:module';
import { type Command, parse } from './command-line/arguments';
import { helpOf } from './command-line/help';
import { check, synth } from './command-line/synth';

/** The command `meshwright`. It ends with 0, with 1 where a program has mistakes, with 2 where the command line has one. */
async function main(argv: readonly string[]): Promise<number> {
  const parsed = parse(argv);
  if ('mistake' in parsed) {
    console.error(`error: ${parsed.mistake}\n\n${helpOf(parsed.about)}`);
    return 2;
  }
  return run(parsed);
}

async function run(command: Command): Promise<number> {
  switch (command.kind) {
    case 'help':
      console.log(helpOf(command.about));
      return 0;
    case 'version':
      console.log(createRequire(__filename)('meshwright/package.json').version);
      return 0;
    case 'synth':
      return synth(command);
    case 'check':
      return check(command);
    case 'up':
      return (await local()).up(command);
    case 'status':
      return (await local()).status(command);
    case 'config':
      return (await local()).config(command);
  }
}

/** Only for those who run a mesh: it takes a control plane along. */
function local() {
  return import('./local/index.js');
}

// Who reads only the first lines (`meshwright status | head`) closes the pipe; the rest interests nobody.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  },
);
