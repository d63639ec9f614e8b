import { type Backend, type Canary, type HttpMatch, lookup, type Ref } from '../../model';
import { type ServiceTarget, serviceClusterName } from '../cluster/service';
import type { Context } from '../context';
import type { Route } from '../types';
import { addHeader, type DeclaredChanges, headerChanges, inTurn } from './header-changes';
import { both, type RouteMatch } from './match';

type RouteAction = NonNullable<Route['route']>;

/** A share of the requests, and who gets it. */
interface Share extends DeclaredChanges {
  /** Absent: a service, a port or a version that is not there. */
  readonly target?: ServiceTarget;
  readonly weight: number;
  /** A cookie that the response sets, so that the client is known again. */
  readonly remembered?: Cookie;
}

interface Cookie {
  readonly name: string;
  readonly value: string;
  /** Seconds; absent: for the browser's session. */
  readonly maxAge?: number;
}

/** Where the requests of one match go, if some more holds of them. The first whose conditions hold is the one. */
export interface Variant {
  readonly match: RouteMatch;
  readonly shares: readonly Share[];
  readonly mirrors: readonly MirrorTarget[];
}

export interface MirrorTarget {
  readonly target: ServiceTarget;
  readonly percent: number;
}

/** How services are reached by the proxy that routes. */
export interface Reach {
  /** Absent: there is no such service, port or version. */
  target(backend: Pick<Backend, 'service' | 'port' | 'version'>): ServiceTarget | undefined;
  /** False where another proxy stands between, which divides the requests itself. */
  divides(service: Ref): boolean;
}

/** Splits requests over backends; where a canary moves a service from one version to another, as far as it has come. */
export function variants(
  context: Context,
  match: RouteMatch,
  backends: readonly Backend[],
  reach: Reach,
): readonly Variant[] {
  const whole: Variant = { match, shares: [], mirrors: [] };
  return backends
    .filter(({ weight }) => weight > 0)
    .reduce<readonly Variant[]>(
      (made, backend) =>
        made.flatMap((variant) =>
          sharesOf(context, backend, reach).map(({ condition, shares, mirrors }) => ({
            match: condition ? condition(variant.match) : variant.match,
            shares: [...variant.shares, ...shares],
            mirrors: [...variant.mirrors, ...mirrors],
          })),
        ),
      [whole],
    );
}

interface Divided {
  /** What must hold beside the match. Absent: nothing. */
  readonly condition?: (match: RouteMatch) => RouteMatch;
  readonly shares: readonly Share[];
  readonly mirrors: readonly MirrorTarget[];
}

/** What becomes of one backend: itself, or the versions between which a canary divides it. */
function sharesOf(context: Context, backend: Backend, reach: Reach): readonly Divided[] {
  const whole = backend.version === undefined && reach.divides(backend.service);
  const canary = whole ? lookup(context.model).canaries(backend.service)[0] : undefined;
  if (!canary) return [{ shares: [shareOf(backend, reach)], mirrors: [] }];
  const version = (name: string, weight: number, more: Partial<Share> = {}): Share => ({
    ...shareOf({ ...backend, version: name, weight }, reach),
    ...more,
  });
  const rollout = context.surroundings.rollout(canary);
  const { stable, candidate, strategy } = canary;
  if (!rollout) return [{ shares: [version(stable, backend.weight)], mirrors: [] }];

  const percent = Math.min(100, Math.max(0, rollout.candidatePercent));
  const copied = reach.target({ ...backend, version: candidate });
  const mirrors =
    copied && rollout.mirrorPercent > 0 && percent < 100
      ? [{ target: copied, percent: (Math.min(100, rollout.mirrorPercent) * backend.weight) / 100 }]
      : [];
  if (percent === 100) return [{ shares: [version(candidate, backend.weight)], mirrors }];
  if (strategy.kind === 'abTest') {
    return [
      ...strategy.matches.map((one: HttpMatch) => ({
        condition: (match: RouteMatch) => both(match, one),
        shares: [version(candidate, backend.weight)],
        mirrors: [],
      })),
      { shares: [version(stable, backend.weight)], mirrors },
    ];
  }
  if (percent === 0) return [{ shares: [version(stable, backend.weight)], mirrors }];
  const cookie = strategy.kind === 'weighted' && strategy.sticky ? candidateCookie(canary) : undefined;
  const split = {
    shares: [
      version(stable, (backend.weight * (100 - percent)) / 100),
      version(candidate, (backend.weight * percent) / 100, cookie && { remembered: cookie }),
    ],
    mirrors,
  };
  if (!cookie) return [split];
  return [
    {
      condition: (match) => withCookie(match, cookie),
      shares: [version(candidate, backend.weight)],
      mirrors: [],
    },
    split,
  ];
}

function shareOf(backend: Backend, reach: Reach): Share {
  const target = reach.target(backend);
  return {
    ...(target && { target }),
    weight: backend.weight,
    ...(backend.requestHeaders && { requestHeaders: backend.requestHeaders }),
    ...(backend.responseHeaders && { responseHeaders: backend.responseHeaders }),
  };
}

/** By it a caller that has met the candidate is known again, for a day at most: a rollout is over sooner. */
function candidateCookie(canary: Canary): Cookie {
  return { name: `meshwright-${canary.service}.${canary.namespace}`, value: canary.candidate, maxAge: 86_400 };
}

function withCookie(match: RouteMatch, { name, value }: Cookie): RouteMatch {
  return { ...match, cookies: [...(match.cookies ?? []), { name, stringMatch: { exact: value } }] };
}

/**
 * Keeps the requests of a session with the share that has answered first, where there are several: within it the instance is
 * kept by Envoy, but which share it is Envoy would draw anew each time.
 */
export function kept(variant: Variant, session: { readonly name: string; readonly ttl?: number }): readonly Variant[] {
  const { shares } = variant;
  if (shares.length < 2) return [variant];
  const cookies = shares.map(
    ({ target }, index): Cookie => ({
      name: `${session.name}-share`,
      value: target ? shareName(target) : String(index),
      ...(session.ttl && { maxAge: Math.ceil(session.ttl / 1_000) }),
    }),
  );
  const cookieOf = (index: number): Cookie => cookies[index] ?? { name: session.name, value: String(index) };
  return [
    ...shares.map((share, index) => ({
      match: withCookie(variant.match, cookieOf(index)),
      shares: [{ ...share, weight: 100 }],
      mirrors: variant.mirrors,
    })),
    {
      ...variant,
      shares: shares.map((share, index) => ({ ...share, remembered: share.remembered ?? cookieOf(index) })),
    },
  ];
}

function shareName({ service, port, version }: ServiceTarget): string {
  return [service.namespace, service.name, port, version].filter((part) => part !== undefined).join('.');
}

/** A name that no cluster has: what goes there is answered with 500. */
export const noSuchBackend = 'no-such-backend';

/** The clusters that get the requests. */
export function destination(
  shares: readonly Share[],
  changes: DeclaredChanges,
): {
  readonly action: RouteAction;
  /** Of the whole route, where no share has its own. */
  readonly changes: DeclaredChanges;
} {
  const missing: RouteAction = shares.some(({ target }) => !target)
    ? { clusterNotFoundResponseCode: 'INTERNAL_SERVER_ERROR' }
    : {};
  const [only] = shares;
  const differ = shares.some(
    ({ requestHeaders, responseHeaders, remembered }) => requestHeaders || responseHeaders || remembered,
  );
  if (!only)
    return { action: { cluster: noSuchBackend, clusterNotFoundResponseCode: 'INTERNAL_SERVER_ERROR' }, changes };
  if (shares.length === 1 && !differ) return { action: { cluster: clusterOf(only), ...missing }, changes };
  const scale = shares.every(({ weight }) => Number.isInteger(weight)) ? 1 : 10_000;
  const clusters = shares.map((share) => {
    const { responseHeadersToAdd = [], ...rest } = differ ? headerChanges(inTurn(changes, share)) : {};
    const additions = [...responseHeadersToAdd, ...(share.remembered ? [setCookie(share.remembered)] : [])];
    return {
      name: clusterOf(share),
      weight: Math.round(share.weight * scale),
      ...rest,
      ...(additions.length > 0 && { responseHeadersToAdd: additions }),
    };
  });
  return { action: { weightedClusters: { clusters }, ...missing }, changes: differ ? {} : changes };
}

function clusterOf({ target }: Share): string {
  return target ? serviceClusterName(target) : noSuchBackend;
}

function setCookie({ name, value, maxAge }: Cookie) {
  return addHeader(
    'set-cookie',
    `${name}=${value}; Path=/${maxAge === undefined ? '' : `; Max-Age=${maxAge}`}; HttpOnly; SameSite=Lax`,
  );
}
