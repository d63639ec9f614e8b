import type { AccessRule, JwtIssuer } from '../../../lib/model';
import { accessPolicy, accessRule, externalService } from '../../support/model-builder';
import type { Cases } from '../cases';
import { database, shop, web } from '../shop';

const keys = externalService('keys', { host: 'id.example' });
const trusting = (over: Partial<JwtIssuer>, claims: AccessRule['claims'] = []) =>
  shop({
    externalServices: [keys],
    accessPolicies: [
      accessPolicy(web, {
        rules: [accessRule({ claims })],
        jwt: [
          {
            issuer: 'https://id.example',
            audiences: [],
            keys: { kind: 'remote', uri: 'https://id.example/jwks.json' },
            forward: [],
            ...over,
          },
        ],
      }),
    ],
  });

export const cases: Cases = {
  valid: {
    model: trusting({ from: { kind: 'header', name: 'x-token' }, forward: [{ claim: 'sub', header: 'x-user' }] }, [
      { claim: 'role', values: ['admin'] },
    ]),
  },
  invalid: [
    {
      name: 'claims without an issuer',
      model: shop({
        accessPolicies: [
          accessPolicy(web, { rules: [accessRule({ claims: [{ claim: 'role', values: ['admin'] }] })] }),
        ],
      }),
      findings: [
        {
          at: 'AccessPolicy shop/web-access',
          message: '`claims` asks what a token says, but no issuer of tokens is named',
          fix: 'name the issuer in `jwt`',
        },
      ],
    },
    {
      name: 'keys of a host that is not declared',
      model: trusting({ keys: { kind: 'remote', uri: 'https://other.example:8443/jwks.json' } }),
      findings: [
        {
          at: 'AccessPolicy shop/web-access',
          message:
            'jwt https://id.example: keys are fetched from other.example:8443, which no external service and no service of the mesh is',
          fix: "declare it: new ExternalService(chart, 'keys', { host: 'other.example', port: https(8443) })",
        },
      ],
    },
    {
      name: 'keys in plain text',
      model: trusting({ keys: { kind: 'remote', uri: 'http://id.example/jwks.json' } }),
      findings: [
        {
          at: 'AccessPolicy shop/web-access',
          message:
            'jwt https://id.example: keys.uri is "http://id.example/jwks.json": whoever can change an answer in plain text can forge tokens',
          fix: 'fetch the keys with https',
        },
      ],
    },
    {
      name: 'keys of a URL that is none',
      model: trusting({ keys: { kind: 'remote', uri: 'id.example/jwks.json', refresh: 10 } }),
      findings: [
        {
          at: 'AccessPolicy shop/web-access',
          message: 'jwt https://id.example: keys.refresh must be a duration of at least 1s, got 10ms',
          fix: 'set `keys.refresh` to a duration of at least 1s',
        },
        {
          at: 'AccessPolicy shop/web-access',
          message: 'jwt https://id.example: keys.uri is "id.example/jwks.json", which is no http or https URL',
          fix: 'write the URL of the key set',
        },
      ],
    },
    {
      name: 'keys that are none',
      model: trusting({ keys: { kind: 'inline', jwks: '{"keys":[]}' } }),
      findings: [
        {
          at: 'AccessPolicy shop/web-access',
          message:
            'jwt https://id.example: keys.jwks is no JSON Web Key Set: an object with a list `keys` that is not empty',
          fix: 'paste what the issuer publishes',
        },
      ],
    },
    {
      name: 'names and values',
      model: trusting({ from: { kind: 'header', name: 'x token' }, forward: [{ claim: 'sub', header: '' }] }, [
        { claim: 'role', values: [] },
      ]),
      findings: [
        {
          at: 'AccessPolicy shop/web-access',
          message: 'claim "role" has no value that would meet it',
          fix: 'give the claim a name and its values',
        },
        {
          at: 'AccessPolicy shop/web-access',
          message:
            'jwt https://id.example: forward is "": a token of RFC 9110 is one or more letters, digits and !#$%&\'*+-.^_`|~',
          fix: 'write a legal name',
        },
        {
          at: 'AccessPolicy shop/web-access',
          message:
            'jwt https://id.example: from.header is "x token": a token of RFC 9110 is one or more letters, digits and !#$%&\'*+-.^_`|~',
          fix: 'write a legal name',
        },
      ],
    },
    {
      name: 'an issuer twice, of a service without requests',
      model: shop({
        externalServices: [keys],
        accessPolicies: [
          accessPolicy(database, {
            jwt: [1, 2].map(() => ({
              issuer: 'a',
              audiences: [],
              keys: { kind: 'remote', uri: 'https://id.example/' },
              forward: [],
            })),
          }),
        ],
      }),
      findings: [
        {
          at: 'AccessPolicy shop/database-access',
          message: '`jwt` verifies tokens of requests, but no port of database speaks http, http2 or grpc',
          fix: 'leave `jwt` out, and allow or deny by caller alone',
        },
        { at: 'AccessPolicy shop/database-access', message: 'jwt names issuer a twice', fix: 'join the two' },
      ],
    },
  ],
};
