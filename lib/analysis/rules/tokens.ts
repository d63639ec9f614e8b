import { type AccessPolicy, type JwtIssuer, Late, type Lookup, locate, type Model, names } from '../../model';
import { token } from '../form';
import { declaredPolicies, ruleLabel } from '../parts';
import { Range, rangeFindings } from '../range';
import type { Finding, Rule } from '../rule';

export const tokens: Rule = {
  code: 'MESH0526',
  level: 'error',
  summary: 'tokens are verified with keys that the proxy can get, and claims are asked of verified tokens only',
  check: ({ model, find }) => {
    const hosts = reachable(model);
    return declaredPolicies(model).flatMap((policy) => {
      const at = locate('AccessPolicy', policy);
      return [
        ...claimProblems(policy).map(([message, fix]) => ({ at, message, fix })),
        ...policy.jwt.flatMap((issuer) => [
          ...[...issuerProblems(issuer), ...keyProblems(issuer, hosts)].map(([message, fix]) => ({ at, message, fix })),
          ...rangeFindings(at, [
            [
              `jwt ${issuer.issuer}: keys.refresh`,
              issuer.keys.kind === 'remote' ? issuer.keys.refresh : undefined,
              Range.duration(1_000),
            ],
          ]),
        ]),
        ...targetProblems(find, policy),
      ];
    });
  },
};

type Problem = readonly [message: Finding['message'], fix: Finding['fix']];

function claimProblems(policy: AccessPolicy): readonly Problem[] {
  const known = new Set<string>();
  const twice = policy.jwt.filter(({ issuer }) => known.has(issuer) || !known.add(issuer));
  return [
    ...twice.map(({ issuer }): Problem => [`jwt names issuer ${issuer} twice`, 'join the two']),
    ...policy.rules.flatMap((rule, index): readonly Problem[] => {
      const label = ruleLabel(policy.rules, index);
      const empty = rule.claims.filter(({ claim, values }) => claim === '' || values.length === 0);
      return [
        ...(rule.claims.length > 0 && policy.jwt.length === 0
          ? [
              [
                `${label}\`claims\` asks what a token says, but no issuer of tokens is named`,
                'name the issuer in `jwt`',
              ] as const,
            ]
          : []),
        ...empty.map(
          ({ claim }): Problem => [
            `${label}claim ${JSON.stringify(claim)} has no value that would meet it`,
            'give the claim a name and its values',
          ],
        ),
      ];
    }),
  ];
}

function issuerProblems({ issuer, from, forward }: JwtIssuer): readonly Problem[] {
  const label = `jwt ${issuer}: `;
  const named = [
    ...(from ? [[`from.${from.kind}`, from.name] as const] : []),
    ...forward.map(({ header }) => ['forward', header] as const),
  ];
  return [
    ...(issuer === '' ? [['jwt names an issuer that is empty', 'write the `iss` of its tokens'] as const] : []),
    ...named.flatMap(([property, name]): readonly Problem[] => {
      const refusal = token(name);
      return refusal === undefined
        ? []
        : [[`${label}${property} is ${JSON.stringify(name)}: ${refusal}`, 'write a legal name']];
    }),
  ];
}

function keyProblems({ issuer, keys }: JwtIssuer, hosts: Hosts): readonly Problem[] {
  const label = `jwt ${issuer}: `;
  if (keys.kind === 'inline') {
    if (Late.is(keys.jwks) || holdsKeys(keys.jwks)) return [];
    return [
      [
        `${label}keys.jwks is no JSON Web Key Set: an object with a list \`keys\` that is not empty`,
        'paste what the issuer publishes',
      ],
    ];
  }
  if (Late.is(keys.uri)) return [];
  const parts = /^(https?):\/\/([^\s/?#:@]+)(?::(\d+))?(?:[/?#]\S*)?$/.exec(keys.uri);
  if (!parts)
    return [
      [
        `${label}keys.uri is ${JSON.stringify(keys.uri)}, which is no http or https URL`,
        'write the URL of the key set',
      ],
    ];
  const [, scheme, host = '', given] = parts;
  const port = Number(given ?? (scheme === 'https' ? 443 : 80));
  if (hosts.mesh.has(`${host}:${port}`)) return [];
  if (scheme !== 'https') {
    return [
      [
        `${label}keys.uri is ${JSON.stringify(keys.uri)}: whoever can change an answer in plain text can forge tokens`,
        'fetch the keys with https',
      ],
    ];
  }
  if (hosts.external.has(`${host}:${port}`)) return [];
  return [
    [
      `${label}keys are fetched from ${host}:${port}, which no external service and no service of the mesh is`,
      `declare it: new ExternalService(chart, 'keys', { host: '${host}', port: https(${port === 443 ? '' : port}) })`,
    ],
  ];
}

/** Tokens come with requests. */
function targetProblems(find: Lookup, policy: AccessPolicy): readonly Finding[] {
  const service = find.service({ namespace: policy.namespace, name: policy.service });
  if (policy.jwt.length === 0 || !service) return [];
  if (service.ports.some(({ protocol }) => protocol === 'http' || protocol === 'http2' || protocol === 'grpc'))
    return [];
  return [
    {
      at: locate('AccessPolicy', policy),
      message: `\`jwt\` verifies tokens of requests, but no port of ${service.name} speaks http, http2 or grpc`,
      fix: 'leave `jwt` out, and allow or deny by caller alone',
    },
  ];
}

interface Hosts {
  /** Each `host:port`. */
  readonly mesh: ReadonlySet<string>;
  readonly external: ReadonlySet<string>;
}

function reachable(model: Model): Hosts {
  if (declaredPolicies(model).every((policy) => policy.jwt.length === 0))
    return { mesh: new Set(), external: new Set() };
  return {
    mesh: new Set(
      model.services.flatMap((service) =>
        names
          .hostnames(service, service.namespace, model.mesh.clusterDomain)
          .flatMap((host) => service.ports.map((port) => `${host}:${port.port}`)),
      ),
    ),
    external: new Set(model.externalServices.map(({ host, port }) => `${host}:${port}`)),
  };
}

function holdsKeys(text: string): boolean {
  try {
    const parsed: unknown = JSON.parse(text);
    return (
      typeof parsed === 'object' &&
      parsed !== null &&
      'keys' in parsed &&
      Array.isArray(parsed.keys) &&
      parsed.keys.length > 0
    );
  } catch {
    return false;
  }
}
