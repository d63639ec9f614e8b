import type { CommandName } from './arguments';

/** What `--help` prints, of everything or of one command. */
export function helpOf(command: CommandName | undefined): string {
  return command === undefined ? overview : details[command];
}

const overview = `meshwright: a service mesh written as TypeScript

  meshwright synth <program> [arguments]   write the manifests of a mesh
  meshwright check <program> [arguments]   look for mistakes, and write nothing
  meshwright up <program> [arguments]      run a mesh on this machine, and follow the program as it is edited
  meshwright status                        show what runs on this machine
  meshwright config <service>              show what the proxy of a service was sent
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
  up: `meshwright up <program> [arguments] [-- <options of the program>]

Runs the mesh of a program on this machine until Ctrl-C: the control plane, a real Envoy for each instance, and each
service by the command of its \`local\`, or an echo server that says that it stands in. A saved edit of the program is
live at once; with a mistake in it, the mistake is printed and the mesh runs on as it was. Nothing needs root.

A command is told by variables where things are:
  PORT, PORT_<NAME>                            where it is to listen
  <SERVICE>_SERVICE_HOST, <SERVICE>_SERVICE_PORT   where its sidecar stands in for an upstream
  whatever the \`env\` of its edges names

Variables of this command:
  ENVOY_BIN                     an Envoy to use instead of the pinned one
  OTEL_EXPORTER_OTLP_ENDPOINT   where traces are sent to over gRPC (default: nowhere)`,
  status: `meshwright status [--mesh <name>]

Shows every mesh of this user that runs on this machine: its services, versions, addresses, identities, states, and
where to look. It ends with 1 if none runs.

  -m, --mesh <name>   only this mesh`,
  config: `meshwright config <service> [--kind <kind>] [--mesh <name>]

Shows as YAML what the proxy of a service, a gateway or a pod was sent: reviews, storefront/reviews, reviews-v1,
web-0. Keys are not shown.

  -k, --kind <kind>   listeners, routes, clusters, endpoints, secrets, extensions or all (default: all)
  -m, --mesh <name>   only of this mesh`,
};
