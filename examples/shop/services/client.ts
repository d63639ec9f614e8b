import { type Context, HttpError } from './server';

/** Where another service is. */
export interface Upstream {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

export interface Request {
  readonly method?: 'GET' | 'POST';
  readonly json?: unknown;
  readonly headers?: Context;
  /** @default 10000 */
  readonly timeoutMs?: number;
}

export interface Reply<Body> {
  readonly body: Body;
  /** Which copy of which version has answered. */
  readonly servedBy: string;
}

/** What the upstream says of the request itself concerns whoever made it; any other failure is between the two services. */
const relayed = [400, 402, 404, 413];

/** Found as in Kubernetes: by the variables that it sets for a service, otherwise by the service's name. */
export function upstream(name: string, port = 80): Upstream {
  const variable = name.toUpperCase().replaceAll('-', '_');
  const host = process.env[`${variable}_SERVICE_HOST`] ?? name;
  return { name, host, port: Number(process.env[`${variable}_SERVICE_PORT`] ?? port) };
}

/** Calls a service over HTTP. @throws HttpError that can be answered as it is: 502, 504, or the upstream's own 4xx */
export function call<Body>(to: Upstream, path: string, request: Request = {}): Promise<Reply<Body>> {
  return callUrl(to.name, `http://${authority(to)}${path}`, request);
}

/** The same for what has a URL, such as a host outside. The name is used in errors. */
export async function callUrl<Body>(name: string, url: string, request: Request = {}): Promise<Reply<Body>> {
  const { method = 'GET', json, headers, timeoutMs = 10_000 } = request;
  try {
    const response = await fetch(url, {
      method,
      headers: {
        accept: 'application/json',
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: json === undefined ? undefined : JSON.stringify(json),
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!response.ok) throw refusal(name, response.status, await response.text());
    return { body: (await response.json()) as Body, servedBy: response.headers.get('x-served-by') ?? name };
  } catch (error) {
    throw error instanceof HttpError ? error : unreachable(name, error, timeoutMs);
  }
}

export function authority({ host, port }: Upstream): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function refusal(name: string, status: number, said: string): HttpError {
  const { error, ...facts } = parsed(said);
  if (typeof error !== 'string') return new HttpError(502, `${name} answered ${status}: ${said.trim()}`);
  return relayed.includes(status)
    ? new HttpError(status, error, facts)
    : new HttpError(502, `${name} answered ${status}: ${error}`);
}

/** Nothing when it is not ours: a proxy on the way answers in plain text. */
function parsed(said: string): { readonly [name: string]: unknown } {
  try {
    const value: unknown = JSON.parse(said);
    return typeof value === 'object' ? { ...value } : {};
  } catch {
    return {};
  }
}

function unreachable(name: string, error: unknown, timeoutMs: number): HttpError {
  if (!(error instanceof Error)) return new HttpError(502, `${name} cannot be reached: ${error}`);
  if (error instanceof SyntaxError) return new HttpError(502, `${name} answered what is not JSON: ${error.message}`);
  if (error.name === 'TimeoutError') return new HttpError(504, `${name} has not answered within ${timeoutMs} ms`);
  // fetch says only that it has failed; why is in its cause.
  const { code, message } = (error.cause ?? error) as NodeJS.ErrnoException;
  return new HttpError(502, `${name} cannot be reached: ${code ?? message}`);
}
