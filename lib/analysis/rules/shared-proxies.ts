import { locate, Ref, sharedServices } from '../../model';
import type { Finding, Rule } from '../rule';

export const sharedProxies: Rule = {
  code: 'MESH0729',
  level: 'error',
  summary: 'a service stands behind one shared proxy at most, and behind its root Service',
  check: ({ model, find }) => {
    const owners = new Map<string, string>();
    return model.sharedProxies.flatMap((proxy): readonly Finding[] => {
      const at = locate('SharedProxy', proxy);
      if (proxy.services.length === 0) {
        return [{ at, message: `shared proxy ${proxy.name} stands before no service`, fix: 'name its `services`' }];
      }
      return sharedServices(proxy).flatMap((ref): readonly Finding[] => {
        const other = owners.get(Ref.key(ref));
        owners.set(Ref.key(ref), other ?? proxy.name);
        const service = find.service(ref);
        return [
          ...(other === undefined
            ? []
            : [
                {
                  at,
                  message: `${ref.name} stands behind shared proxy ${other === proxy.name ? `${proxy.name} twice` : `${other} already`}`,
                  fix: 'leave it out of one of them',
                },
              ]),
          ...(service?.headless
            ? [
                {
                  at,
                  message: `${ref.name} is headless: its callers ask for the addresses of its pods, and would pass by the proxy`,
                  fix: `leave ${ref.name} out, or set \`headless\` to false`,
                },
              ]
            : []),
          ...(service?.capture?.kind === 'transparent'
            ? [
                {
                  at,
                  message: `${ref.name} has transparent capture, which is that of a sidecar, but stands behind a shared proxy`,
                  fix: `leave \`capture\` of ${ref.name} out, or take it out of the shared proxy`,
                },
              ]
            : []),
        ];
      });
    });
  },
};
