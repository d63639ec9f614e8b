import { locate } from '../../model';
import type { Finding, Rule } from '../rule';

export const listenerTls: Rule = {
  code: 'MESH0722',
  level: 'error',
  summary: 'listeners of https, and only they, have a certificate',
  check: ({ model }) =>
    model.gateways.flatMap((gateway) =>
      gateway.listeners.flatMap((listener): readonly Finding[] => {
        const at = locate('Gateway', gateway);
        if (listener.protocol === 'https') {
          if (listener.tls) return [];
          return [
            {
              at,
              message: `listener ${listener.name} speaks https, but has no certificate`,
              fix: 'give `tls`: a Secret, or an issuer of cert-manager',
            },
          ];
        }
        if (!listener.tls) return [];
        const why = listener.protocol === 'tls' ? 'tls, which is passed through unopened' : listener.protocol;
        return [
          {
            at,
            message: `listener ${listener.name} has a certificate, but speaks ${why}`,
            fix: "leave `tls` out, or set the protocol to 'https'",
          },
        ];
      }),
    ),
};
