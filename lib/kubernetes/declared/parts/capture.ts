import type { Capture } from '../../../model';
import { cidr, fields, list, listed, nothing, oneOf, port, type Shape, variant } from '../shape';

type Transparent = Omit<Extract<Capture, { readonly kind: 'transparent' }>, 'kind'>;

export const capture: Shape<Capture> = oneOf<Capture>({
  names: variant(nothing, 'The names of its upstreams lead to the sidecar; nothing is privileged.'),
  transparent: variant(
    fields<Transparent>({
      excludeInboundPorts: listed(list(port, { maxItems: 128 }), 'Ports of the pod whose connections are left alone.'),
      excludeOutboundPorts: listed(list(port, { maxItems: 128 }), 'Ports towards which connections are left alone.'),
      excludeOutboundAddresses: listed(
        list(cidr, { maxItems: 128 }),
        'Address blocks towards which connections are left alone.',
      ),
    }),
    'An init container that alone holds NET_ADMIN redirects all traffic of the pod to the sidecar.',
  ),
});
