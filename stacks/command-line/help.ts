import type { CommandName } from './arguments';

/** What `--help` prints, of everything or of one command. */
export function helpOf(command: CommandName | undefined): string {
  return command === undefined ? overview : details[command];
}

const overview = `meshwright: a service mesh written as TypeScript

  meshwright synth <program> [arguments]   write the manifests of a mesh
  meshwright check <program> [arguments]   look for mistakes, and write nothing
  meshwright --help | --version

A program is a file (TypeScript or JavaScript) that declares a mesh in a cdk8s App and calls app.synth(), or a
folder with such a file, main.ts. \`meshwright <command> --help\` tells more.`;

const details: { readonly [C in CommandName]: string } = {
  synth: `meshwright synth <program> [arguments] [--out <folder>] [-- <options of the program>]

Runs the program and writes what it synthesizes as plain YAML, one file for each chart. With a mistake in it, all
mistakes are printed, nothing is written, and what was written before stays as it is.

  -o, --out <folder>   where to; what was synthesized there before is replaced
                       (default: synth/<name of the program's folder>)`,
  check: `meshwright check <program> [arguments] [-- <options of the program>]

Runs the program and prints its mistakes and warnings. It writes nothing. It ends with 0 if there is no mistake,
and with 1 if there is one.`,
};
