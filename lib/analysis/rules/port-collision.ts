import { type Edge, type EnvBinding, names, order } from '../../model';
import { type CallerPorts, calleeHosts, calleeName, callersByNames, listenerPort } from '../listeners';
import { edgeLocator } from '../parts';
import type { Context, Rule } from '../rule';

/**
 * An application binds its port on every address, and its sidecar binds the port of an upstream on a loopback address:
 * Linux refuses the second bind of one number even though the addresses differ.
 * https://man7.org/linux/man-pages/man7/ip.7.html (INADDR_ANY)
 */
export const portCollision: Rule = {
  code: 'MESH0322',
  level: 'error',
  summary: 'no port of an application is the port on which its sidecar stands in for an upstream',
  check: (context) =>
    callersByNames(context).flatMap((caller) => {
      const taken = new Set([...caller.application.keys(), ...caller.edges.map(listenerPort)]);
      return caller.edges.flatMap((edge) => {
        const port = listenerPort(edge);
        const where = caller.application.get(port);
        if (where === undefined) return [];
        const callee = calleeName(edge);
        const free = freePort(port, taken);
        const known = `port ${port} is taken in the pods of ${caller.name} by the application (${where})`;
        return {
          at: edgeLocator(edge),
          message: `${known}, and its sidecar would listen on ${edge.at === undefined ? 'it' : '`at`, the same number,'} for ${callee}: an address cannot be bound twice`,
          fix: edge.at === undefined ? waysOut(context, caller, edge, free) : `choose another \`at\`, such as ${free}`,
        };
      });
    }),
};

/** From here on Linux chooses ports for connections that go out. https://docs.kernel.org/networking/ip-sysctl.html */
const ephemeral = 32_768;

/** A number that a reader recognizes: 18080 for 8080. */
function freePort(port: number, taken: ReadonlySet<number>): number {
  const { first, last } = names.ports.reserved;
  const free = (candidate: number) => !taken.has(candidate) && (candidate < first || candidate > last);
  for (let candidate = port + 10_000; candidate < ephemeral; candidate += 10_000) {
    if (free(candidate)) return candidate;
  }
  let candidate = 18_080;
  while (!free(candidate)) candidate++;
  return candidate;
}

function waysOut(context: Context, caller: CallerPorts, edge: Edge, free: number): string {
  const call = `${caller.name}.calls(${edge.to.name}, { at: ${free}`;
  const { bindings, byHand } = variables(calleeHosts(context, edge), caller, edge, free);
  const env = bindings.map(({ name, value }) => `${name}: '${value}'`).join(', ');
  const told = env === '' ? `${call} })` : `${call}, env: { ${env} } })`;
  return [
    `let it find ${calleeName(edge)} elsewhere: ${told}${byHand === '' ? '' : ` ${byHand}`}`,
    'or give one of the two another port',
    `or set capture: Capture.transparent() on ${caller.name}`,
  ].join(', ');
}

interface Variables {
  readonly bindings: readonly EnvBinding[];
  /** What to change where the variable holds more than an address. */
  readonly byHand: string;
}

/** The variables by which the caller's containers find the callee, or Kubernetes' own where there are none. */
function variables(hosts: readonly string[], caller: CallerPorts, edge: Edge, free: number): Variables {
  const prefix = edge.to.name.toUpperCase().replace(/-/g, '_');
  const env = [...new Map(caller.env.map((one) => [one.name, one])).values()].sort((a, b) => order(a.name, b.name));
  const whole = env.flatMap(({ name, value }): EnvBinding[] => {
    const carried = carries(hosts, value);
    if (carried === 'address' || carried === 'url') return [{ name, value: carried }];
    return value === String(edge.port) && name.includes(prefix) ? [{ name, value: 'port' }] : [];
  });
  if (whole.length > 0) return { bindings: whole, byHand: '' };
  const part = env.find(({ value }) => carries(hosts, value) === 'part');
  if (part)
    return { bindings: [], byHand: `and change the port in its variable ${part.name} (${part.value}) to ${free}` };
  if (edge.to.kind === 'externalService') {
    return { bindings: [], byHand: 'with the variable that it reads the address from in `env`' };
  }
  return { bindings: [{ name: `${prefix}_SERVICE_PORT`, value: 'port' }], byHand: '' };
}

/** What a value says of the callee: all of its address, its host alone, or its address among other things. */
function carries(hosts: readonly string[], value: string): EnvBinding['value'] | 'part' | undefined {
  const [host] = hosts.filter((one) => mentions(value, one));
  if (host === undefined) return undefined;
  const rest = value.replace(/^https?:\/\//, '');
  const plain = hosts.find((one) => rest === one || rest.startsWith(`${one}:`) || rest.startsWith(`${one}/`));
  if (plain === undefined) return 'part';
  const after = rest.slice(plain.length);
  if (!/^(:\d+)?\/?$/.test(after)) return 'part';
  if (rest !== value) return 'url';
  return after === '' ? 'host' : after.endsWith('/') ? 'part' : 'address';
}

/** True where a text holds a host as a whole word: `db` is no part of `mydb` or `db.example`. */
function mentions(text: string, host: string): boolean {
  let at = text.indexOf(host);
  while (at >= 0) {
    const [before, after] = [text.charAt(at - 1), text.charAt(at + host.length)];
    if (!/[A-Za-z0-9.-]/.test(before) && !/[A-Za-z0-9.-]/.test(after)) return true;
    at = text.indexOf(host, at + 1);
  }
  return false;
}
