import { type Cors, type HeaderChanges, type Mirror, names, type RedirectAction, type Rewrite } from '../../../model';
import { type Json, type Reader, shown } from '../shape';
import { endpointJson, endpointOf } from './backends';
import type { RouteContext } from './context';
import { corsOf } from './cors';
import { headerFilterOf } from './header-filters';
import type { RouteFilter } from './route-filter';

/** What the filters of a rule say together. */
export interface RuleFilters {
  readonly requestHeaders?: HeaderChanges;
  readonly responseHeaders?: HeaderChanges;
  readonly rewrite?: Rewrite;
  readonly redirect?: RedirectAction;
  readonly cors?: Cors;
  readonly mirrors: readonly Mirror[];
  readonly extension: RouteFilter;
}

export function mirrorJson(mirror: Mirror, namespace: string): Json {
  return {
    type: 'RequestMirror',
    requestMirror: { backendRef: endpointJson(mirror, namespace), ...shareJson(mirror.percent) },
  };
}

export function rewriteJson({ path, host }: Rewrite): Json {
  return {
    type: 'URLRewrite',
    urlRewrite: {
      ...(host === undefined ? {} : { hostname: host }),
      ...(path === undefined || path.kind === 'regex' ? {} : { path: pathJson(path) }),
    },
  };
}

export function redirectJson({ scheme, host, port, path, status }: RedirectAction): Json {
  return {
    type: 'RequestRedirect',
    requestRedirect: {
      ...(scheme === undefined ? {} : { scheme }),
      ...(host === undefined ? {} : { hostname: host }),
      ...(port === undefined ? {} : { port }),
      ...(path === undefined ? {} : { path: pathJson(path) }),
      statusCode: status,
    },
  };
}

export function extensionJson(name: string): Json {
  return { type: 'ExtensionRef', extensionRef: { group: names.apiGroup, kind: 'RouteFilter', name } };
}

/** Reads the filters of a rule. */
export function filtersOf(json: Json, reader: Reader, routeKind: string, context: RouteContext): RuleFilters {
  const read = reader.all(
    reader.items(json).map((item, index) => () => filterOf(item, reader.at(index), routeKind, context)),
  );
  return {
    ...(Object.assign({}, ...read.map(({ mirrors, extension, ...rest }) => rest)) as Omit<
      RuleFilters,
      'mirrors' | 'extension'
    >),
    mirrors: read.flatMap(({ mirrors = [] }) => mirrors),
    extension: joined(
      read.flatMap(({ extension = [] }) => extension),
      reader,
    ),
  };
}

function filterOf(json: Json, reader: Reader, routeKind: string, context: RouteContext): Partial<RuleFilters> {
  const filter = reader.fields(json);
  const headers = headerFilterOf(filter, reader);
  if (headers) return headers;
  switch (filter.type) {
    case 'RequestMirror':
      return { mirrors: [mirrorOf(filter.requestMirror, reader.at('requestMirror'), routeKind, context)] };
    case 'ExtensionRef':
      return { extension: extensionOf(filter.extensionRef, reader.at('extensionRef'), context) };
    case 'URLRewrite':
      return { rewrite: rewriteOf(filter.urlRewrite, reader.at('urlRewrite')) };
    case 'RequestRedirect':
      return { redirect: redirectOf(filter.requestRedirect, reader.at('requestRedirect')) };
    case 'CORS':
      return { cors: corsOf(filter.cors, reader.at('cors')) };
    default:
      return reader.at('type').fail(`${shown(filter.type)} is not supported`);
  }
}

function mirrorOf(json: Json, reader: Reader, routeKind: string, context: RouteContext): Mirror {
  const given = reader.fields(json);
  reader.only(given, ['backendRef', 'percent', 'fraction']);
  const at = reader.at('backendRef');
  at.only(at.fields(given.backendRef), ['group', 'kind', 'name', 'namespace', 'port']);
  return { ...endpointOf(given.backendRef, at, routeKind, context), percent: shareOf(given, reader) };
}

/** A share in whole percent, or as a fraction of whole numbers. */
function shareJson(percent: number): Json {
  if (percent === 100) return {};
  if (Number.isInteger(percent)) return { percent };
  for (let scale = 10; scale <= 1_000_000; scale *= 10) {
    const numerator = Math.round(percent * scale);
    if (numerator / scale === percent) return { fraction: { numerator, denominator: 100 * scale } };
  }
  return { fraction: { numerator: Math.round(percent * 1_000_000), denominator: 100_000_000 } };
}

function shareOf({ percent, fraction }: { readonly [field: string]: Json }, reader: Reader): number {
  if (fraction === undefined) return percent === undefined ? 100 : reader.at('percent').number(percent);
  const at = reader.at('fraction');
  const { numerator, denominator = 100 } = at.fields(fraction);
  return (at.at('numerator').number(numerator) * 100) / at.at('denominator').number(denominator);
}

function rewriteOf(json: Json, reader: Reader): Rewrite {
  const given = reader.fields(json);
  reader.only(given, ['hostname', 'path']);
  return {
    ...(given.path === undefined ? {} : { path: pathOf(given.path, reader.at('path')) }),
    ...(given.hostname === undefined ? {} : { host: reader.at('hostname').text(given.hostname) }),
  };
}

function redirectOf(json: Json, reader: Reader): RedirectAction {
  const given = reader.fields(json);
  reader.only(given, ['scheme', 'hostname', 'port', 'path', 'statusCode']);
  const { scheme, hostname, port, path, statusCode = 302 } = given;
  return {
    kind: 'redirect',
    ...(scheme === undefined ? {} : { scheme }),
    ...(hostname === undefined ? {} : { host: reader.at('hostname').text(hostname) }),
    ...(port === undefined ? {} : { port: reader.at('port').number(port) }),
    ...(path === undefined ? {} : { path: pathOf(path, reader.at('path')) }),
    status: statusCode,
  };
}

type ReplacedPath = { readonly kind: 'full' | 'prefix'; readonly value: string };

function pathJson({ kind, value }: ReplacedPath): Json {
  return kind === 'full'
    ? { type: 'ReplaceFullPath', replaceFullPath: value }
    : { type: 'ReplacePrefixMatch', replacePrefixMatch: value };
}

function pathOf(json: Json, reader: Reader): ReplacedPath {
  const { type, replaceFullPath, replacePrefixMatch } = reader.fields(json);
  if (type === 'ReplaceFullPath') return { kind: 'full', value: reader.at('replaceFullPath').text(replaceFullPath) };
  if (type === 'ReplacePrefixMatch')
    return { kind: 'prefix', value: reader.at('replacePrefixMatch').text(replacePrefixMatch) };
  return reader.at('type').fail(`must be ReplaceFullPath or ReplacePrefixMatch, got ${shown(type)}`);
}

function extensionOf(json: Json, reader: Reader, context: RouteContext): RouteFilter {
  const { group, kind, name } = reader.fields(json);
  if (group !== names.apiGroup || kind !== 'RouteFilter') {
    return reader.fail(`must refer to a RouteFilter of ${names.apiGroup}, got ${shown({ group, kind })}`);
  }
  const ref = { namespace: reader.namespace, name: reader.at('name').text(name) };
  const filter = context.filter(ref);
  if (filter === undefined) return reader.fail(`there is no RouteFilter ${ref.namespace}/${ref.name}`);
  return filter === 'unreadable' ? reader.fail(`RouteFilter ${ref.namespace}/${ref.name} cannot be read`) : filter;
}

/** Several RouteFilters in one rule each say something of their own. */
function joined(filters: readonly RouteFilter[], reader: Reader): RouteFilter {
  const said = filters.flatMap((filter) => Object.keys(filter));
  const twice = said.find((field, index) => said.indexOf(field) !== index);
  if (twice !== undefined) return reader.fail(`two RouteFilters of a rule say \`${twice}\``);
  return Object.assign({}, ...filters);
}
