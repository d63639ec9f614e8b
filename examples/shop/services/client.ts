import { connect } from 'node:net';
import { linesOf } from './lines';
import { type PassedOn, Refusal } from './server';

export interface Upstream {
  readonly name: string;
  readonly url: string;
}

/**
 * Where a service is: what Kubernetes' variables say (`ORDERS_SERVICE_HOST`, `ORDERS_SERVICE_PORT`), else its DNS name,
 * which is `orders` in its own namespace and `orders.backoffice` from another, and the port of its Service.
 */
export function addressOf(dnsName: string, servicePort: number) {
  const variable = (dnsName.split('.', 1)[0] ?? '').toUpperCase().replaceAll('-', '_');
  return {
    host: process.env[`${variable}_SERVICE_HOST`] ?? dnsName,
    port: Number(process.env[`${variable}_SERVICE_PORT`] ?? servicePort),
  };
}

export function upstream(dnsName: string): Upstream {
  const { host, port } = addressOf(dnsName, 80);
  return { name: dnsName.split('.', 1)[0] ?? '', url: `http://${host}:${port}` };
}

/**
 * Calls an upstream and gives the JSON it answers.
 * @throws Refusal with the upstream's own status and body when it refuses what was asked of it, else a 502 that says why
 */
export async function call<T>({ name, url }: Upstream, route: string, passOn: PassedOn, json?: object): Promise<T> {
  const [method, path = '/'] = route.split(' ');
  let response: Response;
  let text: string;
  try {
    response = await fetch(new URL(path, url), {
      method,
      headers: { ...passOn, accept: 'application/json', ...(json && { 'content-type': 'application/json' }) },
      ...(json && { body: JSON.stringify(json) }),
      // The mesh's own timeouts are shorter; this one is for when there is no mesh.
      signal: AbortSignal.timeout(10_000),
    });
    text = await response.text();
  } catch (error) {
    throw new Refusal(502, `${name} at ${url} cannot be reached: ${causeOf(error)}`, { upstream: name });
  }
  const body = parsed(text);
  if (response.ok && body !== undefined) return body as T;
  if (body !== undefined && passedThrough.has(response.status)) {
    const { error = 'refused', ...details } = body;
    throw new Refusal(response.status, String(error), details);
  }
  const said = String(body?.error ?? text.trim());
  throw new Refusal(502, `${name} answered ${response.status}: ${said || 'nothing'}`, { upstream: name });
}

/**
 * Sends one command to the database, and gives the lines it answers.
 * @throws Refusal 502 when the database cannot be reached or refuses the command
 */
export async function database(command: string): Promise<string[]> {
  const { host, port } = addressOf('database.backoffice', 6379);
  const socket = connect({ host, port });
  socket.setTimeout(3_000, () => socket.destroy(new Error('no answer within 3 s')));
  const lines: string[] = [];
  try {
    // The server speaks first.
    for await (const line of linesOf(socket)) if (lines.push(line) === 1) socket.write(`${command}\nQUIT\n`);
    const [, first = '', ...rest] = lines;
    const [word, count] = first.split(' ');
    if (word !== 'OK') throw new Error(first || 'it ended the connection before it answered');
    if (rest.length < Number(count)) throw new Error('it ended the connection within its answer');
    return rest.slice(0, Number(count));
  } catch (error) {
    const why = `the database at ${host}:${port} did not answer ${command.split(' ', 1)[0]}: ${causeOf(error)}`;
    throw new Refusal(502, why, { upstream: 'database' });
  } finally {
    socket.destroy();
  }
}

/** What says why: of a failed fetch, and of a connection tried on several addresses, it is inside. */
export function causeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.map(causeOf).join(', ');
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : causeOf(error.cause);
}

/** Answers that are about what was asked; any other is about the upstream. */
const passedThrough = new Set([400, 402, 404, 409, 502]);

function parsed(text: string): { readonly [name: string]: unknown } | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
