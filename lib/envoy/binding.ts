import { names } from '../model';

/** A place where a proxy listens, or where it finds the application beside it. */
export type Place =
  /** Where calls of the mesh to a port of the application arrive. */
  | { readonly kind: 'inbound'; readonly applicationPort: number }
  /** Where the application itself listens. */
  | { readonly kind: 'application'; readonly applicationPort: number }
  /** Where the application finds one of its upstreams: `address` as `upstreamsOf` gives it, and the port that is dialled. */
  | { readonly kind: 'upstream'; readonly address: string; readonly port: number }
  /** What stands in for a host outside, on a developer's machine. */
  | { readonly kind: 'standIn'; readonly host: string; readonly port: number }
  /** A port of a gateway, a shared proxy or an egress gateway. */
  | { readonly kind: 'listener'; readonly port: number }
  /** Transparent capture: where connections are redirected to. */
  | { readonly kind: 'capture'; readonly direction: 'inbound' | 'outbound' }
  | { readonly kind: 'readiness' };

export interface Socket {
  readonly address: string;
  readonly port: number;
}

/**
 * Where a proxy's places are: in a pod they follow from the model; on a developer's machine, where many proxies share one
 * network, each is a port of 127.0.0.1 that was assigned to it.
 */
export type Binding =
  | { readonly kind: 'pod'; readonly applicationPorts: readonly number[] }
  | { readonly kind: 'assigned'; readonly ports: { readonly [place: string]: number } };

export const Place = {
  /** `inbound/8080`, `upstream/127.65.3.7/80`, `readiness`: keys of assigned ports. */
  key: (place: Place): string => {
    switch (place.kind) {
      case 'inbound':
      case 'application':
        return `${place.kind}/${place.applicationPort}`;
      case 'upstream':
        return `upstream/${place.address}/${place.port}`;
      case 'standIn':
        return `stand-in/${place.host}/${place.port}`;
      case 'listener':
        return `listener/${place.port}`;
      case 'capture':
        return `capture/${place.direction}`;
      case 'readiness':
        return 'readiness';
    }
  },
};

/** Absent where nothing was assigned to the place: what would stand there is left out. */
export function socketOf(binding: Binding, place: Place): Socket | undefined {
  if (binding.kind === 'assigned') {
    const port = binding.ports[Place.key(place)];
    return port === undefined ? undefined : { address: '127.0.0.1', port };
  }
  switch (place.kind) {
    case 'inbound': {
      const port = names.inboundPorts(binding.applicationPorts).get(place.applicationPort);
      return port === undefined ? undefined : { address: '0.0.0.0', port };
    }
    case 'application':
      return { address: '127.0.0.1', port: place.applicationPort };
    case 'upstream':
      return { address: place.address, port: place.port };
    case 'standIn':
      return undefined;
    case 'listener':
      return { address: '0.0.0.0', port: place.port };
    case 'capture':
      return {
        address: '0.0.0.0',
        port: place.direction === 'inbound' ? names.ports.inboundCapture : names.ports.outboundCapture,
      };
    case 'readiness':
      return { address: '0.0.0.0', port: names.ports.readiness };
  }
}
