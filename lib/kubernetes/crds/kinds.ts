import { accessPolicySchema } from '../declared/access-policy';
import { canarySpec } from '../declared/canary';
import { edgeSpec } from '../declared/edge';
import { externalServiceSpec } from '../declared/external-service';
import { gatewayParametersSpec } from '../declared/gateway';
import { meshSpec } from '../declared/mesh';
import { routeFilterSpec } from '../declared/route';
import type { Schema } from '../declared/shape';
import { telemetrySpec } from '../declared/telemetry';
import { trafficPolicySpec } from '../declared/traffic-policy';
import { type Column, conditionColumn, type Kind } from './definition';

const accepted = conditionColumn('Accepted', 'Whether it makes sense.');
const programmed = conditionColumn('Programmed', 'Whether every proxy that needs it has acknowledged it.');
const target: Column = {
  name: 'Target',
  type: 'string',
  jsonPath: '.spec.targetRefs[0].name',
  description: 'What it is about.',
};

const text = (description: string, maxLength = 1_024): Schema => ({ type: 'string', maxLength, description });
const time = (description: string): Schema => ({ type: 'string', format: 'date-time', description });
const number = (description: string): Schema => ({ type: 'integer', format: 'int32', minimum: 0, description });

/** The kinds that neither Kubernetes nor Gateway API has, by name. */
export const kinds: readonly Kind[] = [
  {
    kind: 'AccessPolicy',
    plural: 'accesspolicies',
    shortNames: ['acp'],
    scope: 'Namespaced',
    description:
      'Who may call a service. What no policy of the service allows is denied, and a deny beats every allow. It stands in the namespace of the service, so that its owner holds the key.',
    spec: accessPolicySchema,
    columns: [
      target,
      { name: 'Origin', type: 'string', jsonPath: '.spec.origin', description: 'Edges: written by synthesis.' },
      accepted,
      programmed,
    ],
  },
  {
    kind: 'Canary',
    plural: 'canaries',
    shortNames: ['cny'],
    scope: 'Namespaced',
    description:
      'How a new version of a service takes over from the old one. Its progress lives in the status; what was declared never changes by it.',
    spec: canarySpec.schema,
    status: {
      phase: {
        type: 'string',
        enum: [
          'Pending',
          'Mirroring',
          'Progressing',
          'WaitingForApproval',
          'Paused',
          'Promoted',
          'RolledBack',
          'Succeeded',
        ],
        description:
          'Pending: the candidate is not ready. Mirroring: it sees copies. Progressing: it gets a share. WaitingForApproval and Paused: a person has to decide. Promoted: it gets everything, and the old version is kept ready. RolledBack: the stable version gets everything again. Succeeded: it is over.',
      },
      step: number('Number of the step, from 0.'),
      weight: {
        type: 'integer',
        format: 'int32',
        minimum: 0,
        maximum: 100,
        description: 'Share of the candidate now, in percent. It overlays what routes say.',
      },
      candidate: text('The version that the progress is of; another one starts anew.', 63),
      failures: number('Failed looks at the gates in this step.'),
      approvedStep: number('Step up to which a person has approved.'),
      started: time('When it began.'),
      lastTransition: time('When phase or step last changed.'),
      reason: text('Why it is where it is, in one word.', 128),
      message: text('Why it is where it is, in words.', 4_096),
      gates: {
        type: 'array',
        maxItems: 32,
        'x-kubernetes-list-type': 'atomic',
        description: 'What the gates said when they were last looked at, in the order of the spec.',
        items: {
          type: 'object',
          description: 'One gate.',
          required: ['gate', 'verdict'],
          properties: {
            gate: text('Kind and name of the gate.', 128),
            verdict: {
              type: 'string',
              enum: ['Passed', 'Failed', 'Unknown'],
              description: 'What it said; Unknown: it cannot be judged yet.',
            },
            value: text('The number it is about, as text.', 64),
            message: text('Why.'),
            observed: time('When.'),
          },
        },
      },
    },
    columns: [
      { name: 'Service', type: 'string', jsonPath: '.spec.service', description: 'The service.' },
      {
        name: 'Candidate',
        type: 'string',
        jsonPath: '.spec.candidate',
        description: 'The version that is to take over.',
      },
      { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'Where it is.' },
      {
        name: 'Weight',
        type: 'integer',
        jsonPath: '.status.weight',
        description: 'Share of the candidate, in percent.',
      },
      { name: 'Reason', type: 'string', jsonPath: '.status.reason', description: 'Why it is there.', wide: true },
      { name: 'Since', type: 'date', jsonPath: '.status.lastTransition', description: 'Since when it is there.' },
    ],
  },
  {
    kind: 'Edge',
    plural: 'edges',
    shortNames: ['edg'],
    scope: 'Namespaced',
    description:
      'Who calls whom. It gives the sidecar of the caller its configuration, and stands in the namespace of the caller; the right to call is an AccessPolicy of the callee.',
    spec: edgeSpec.schema,
    columns: [
      {
        name: 'From',
        type: 'string',
        jsonPath: '.spec.from.serviceAccount',
        description: 'Service account of the caller.',
      },
      { name: 'To', type: 'string', jsonPath: '.spec.to.name', description: 'What is called.' },
      {
        name: 'Namespace',
        type: 'string',
        jsonPath: '.spec.to.namespace',
        description: 'Its namespace, where it is another one.',
      },
      { name: 'Port', type: 'integer', jsonPath: '.spec.port', description: 'The port that is called.' },
      accepted,
      programmed,
    ],
  },
  {
    kind: 'ExternalService',
    plural: 'externalservices',
    shortNames: ['exs'],
    scope: 'Namespaced',
    description: 'A host outside the cluster that declared callers may reach.',
    spec: externalServiceSpec.schema,
    columns: [
      { name: 'Host', type: 'string', jsonPath: '.spec.host', description: 'The host.' },
      { name: 'Port', type: 'integer', jsonPath: '.spec.port', description: 'Its port.' },
      { name: 'Protocol', type: 'string', jsonPath: '.spec.protocol', description: 'What the application speaks.' },
      {
        name: 'Via',
        type: 'string',
        jsonPath: '.spec.via',
        description: 'The egress gateway that its traffic passes.',
        wide: true,
      },
      accepted,
    ],
  },
  {
    kind: 'GatewayParameters',
    plural: 'gatewayparameters',
    shortNames: ['gwp'],
    scope: 'Namespaced',
    description:
      'What a Gateway cannot say of its proxies: how many there are, what they may use, and what leads to them.',
    spec: gatewayParametersSpec.schema,
    columns: [
      { name: 'Replicas', type: 'integer', jsonPath: '.spec.replicas', description: 'Pods of the proxy.' },
      accepted,
    ],
  },
  {
    kind: 'Mesh',
    plural: 'meshes',
    shortNames: ['mesh'],
    scope: 'Cluster',
    description: 'What holds for the whole mesh. There is one in a cluster.',
    spec: meshSpec.schema,
    status: {
      proxies: {
        type: 'object',
        description: 'Proxies, by what they have acknowledged.',
        properties: {
          connected: number('Those that the control plane serves.'),
          current: number('Those that have acknowledged the newest configuration.'),
          refused: number('Those that have refused a part of it; conditions of the objects it came from say why.'),
        },
      },
      rootCertificate: {
        type: 'object',
        description: 'The root of trust.',
        properties: {
          notAfter: time('When it ends.'),
          fingerprint: text('SHA-256 of the certificate, in hexadecimal digits.', 64),
          rotation: {
            type: 'string',
            enum: ['None', 'TrustingBoth', 'IssuingFromNew'],
            description:
              'Stage of its rotation: proxies trust both roots before certificates are issued from the new one.',
          },
        },
      },
    },
    columns: [
      {
        name: 'Trust Domain',
        type: 'string',
        jsonPath: '.spec.trustDomain',
        description: 'Authority of every SPIFFE ID.',
      },
      {
        name: 'Mutual TLS',
        type: 'string',
        jsonPath: '.spec.mutualTls',
        description: 'Whether plain text is refused.',
      },
      {
        name: 'Proxies',
        type: 'integer',
        jsonPath: '.status.proxies.connected',
        description: 'Proxies that are served.',
      },
      {
        name: 'Current',
        type: 'integer',
        jsonPath: '.status.proxies.current',
        description: 'Proxies with the newest configuration.',
      },
      {
        name: 'Root Ends',
        type: 'string',
        jsonPath: '.status.rootCertificate.notAfter',
        description: 'When the root certificate ends.',
        wide: true,
      },
      conditionColumn('Ready', 'Whether the control plane serves it.'),
    ],
  },
  {
    kind: 'RouteFilter',
    plural: 'routefilters',
    shortNames: ['rtf'],
    scope: 'Namespaced',
    description:
      "What Gateway API's routes cannot say of a rule: faults, rate limits, rewrites by regular expression and the like. A rule refers to it by a filter of type ExtensionRef.",
    spec: routeFilterSpec.schema,
    columns: [accepted],
  },
  {
    kind: 'Telemetry',
    plural: 'telemetries',
    shortNames: ['tlm'],
    scope: 'Namespaced',
    description: "What is observed of one service where it differs from the mesh's.",
    spec: telemetrySpec.schema,
    columns: [target, accepted, programmed],
  },
  {
    kind: 'TrafficPolicy',
    plural: 'trafficpolicies',
    shortNames: ['tfp'],
    scope: 'Namespaced',
    description: 'How connections to a service are made and spread, and when an instance is left alone.',
    spec: trafficPolicySpec.schema,
    columns: [
      target,
      { name: 'Port', type: 'integer', jsonPath: '.spec.port', description: 'The only port it is about.' },
      accepted,
      programmed,
    ],
  },
];
