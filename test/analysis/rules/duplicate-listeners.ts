import type { GatewayListener } from '../../../lib/model';
import { gateway, listener } from '../../support/model-builder';
import type { Cases } from '../cases';
import { shop } from '../shop';

const listening = (...listeners: readonly GatewayListener[]) => shop({ gateways: [gateway('public', { listeners })] });
const tls = { kind: 'secret', name: 'cert' } as const;

export const cases: Cases = {
  valid: {
    model: listening(
      listener({ host: 'a.example' }),
      listener({ name: 'b', host: 'b.example' }),
      listener({ name: 'c', port: 443, protocol: 'https', tls }),
      listener({ name: 'd', port: 443, protocol: 'tls', host: 'd.example' }),
    ),
  },
  invalid: [
    {
      name: 'one host',
      model: listening(listener({ host: 'a.example' }), listener({ name: 'again', host: 'a.example' })),
      findings: [
        {
          at: 'Gateway shop/public',
          message: 'listeners again and http both answer to a.example on port 80',
          fix: 'join the two, or give one of them another host or port',
        },
      ],
    },
    {
      name: 'one name',
      model: listening(listener(), listener({ port: 8080 })),
      findings: [
        {
          at: 'Gateway shop/public',
          message: 'two listeners are named http',
          fix: 'give each listener a name of its own',
        },
      ],
    },
    {
      name: 'two protocols',
      model: listening(
        listener({ host: 'a.example' }),
        listener({ name: 'secure', protocol: 'https', host: 'b.example', tls }),
      ),
      findings: [
        {
          at: 'Gateway shop/public',
          message: 'listeners http (http) and secure (https) share port 80, where one protocol is spoken',
          fix: 'give one of them another port',
        },
      ],
    },
    {
      name: 'none',
      model: { ...shop({ gateways: [gateway('public', { listeners: [] })] }) },
      findings: [
        { at: 'Gateway shop/public', message: 'gateway public has no listener', fix: 'give it `hosts` or a listener' },
      ],
    },
  ],
};
