import type { Crd, Rule, Schema } from './openapi';

/** A CRD that uses most of what a CRD can say, and is right. */
export function widgetCrd(): Crd {
  return structuredClone(widget) as unknown as Crd;
}

const condition = {
  type: 'object',
  required: ['type', 'status'],
  properties: {
    type: { type: 'string', maxLength: 316 },
    status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
    lastTransitionTime: { type: 'string', format: 'date-time' },
  },
};

const widget = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.shop.example' },
  spec: {
    group: 'shop.example',
    scope: 'Namespaced',
    names: {
      kind: 'Widget',
      plural: 'widgets',
      singular: 'widget',
      listKind: 'WidgetList',
      shortNames: ['wd'],
      categories: ['shop'],
    },
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns: [
          { name: 'Host', type: 'string', jsonPath: '.spec.host' },
          { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
          { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        ],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            required: ['spec'],
            properties: {
              spec: {
                type: 'object',
                required: ['host'],
                properties: {
                  host: { type: 'string', minLength: 1, maxLength: 253, pattern: '^[a-z0-9.-]+$' },
                  port: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
                  mode: { type: 'string', enum: ['Strict', 'Permissive'], default: 'Strict' },
                  labels: { type: 'object', maxProperties: 8, additionalProperties: { type: 'string', maxLength: 63 } },
                  exact: { type: 'string', maxLength: 64 },
                  prefix: { type: 'string', maxLength: 64 },
                  free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                  parts: {
                    type: 'array',
                    maxItems: 16,
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['name'],
                    items: {
                      type: 'object',
                      required: ['name'],
                      properties: {
                        name: { type: 'string', maxLength: 63 },
                        weight: { type: 'integer', format: 'int32', minimum: 0, maximum: 100, default: 1 },
                        size: { type: 'string', maxLength: 16 },
                      },
                      'x-kubernetes-validations': [
                        { rule: '!has(self.size) || isQuantity(self.size)', message: 'size must be a quantity' },
                        { rule: 'self.weight >= oldSelf.weight', message: 'weight never sinks' },
                      ],
                    },
                  },
                },
                oneOf: [{ required: ['exact'] }, { required: ['prefix'] }],
                'x-kubernetes-validations': [
                  { rule: "self.mode != 'Strict' || self.host != 'localhost'", message: 'localhost is never strict' },
                  {
                    rule: '!has(self.parts) || self.parts.filter(p, p.weight > 50).size() <= 1',
                    messageExpression: '"one part may weigh more than 50 at " + self.host',
                  },
                ],
              },
              status: {
                type: 'object',
                properties: {
                  conditions: {
                    type: 'array',
                    maxItems: 8,
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['type'],
                    items: condition,
                  },
                },
              },
            },
          },
        },
      },
    ],
  },
};

/** A change that breaks the CRD, and what is said of it. */
export interface Case {
  readonly name: string;
  readonly change: (crd: Loose) => void;
  readonly problems: readonly string[];
}

/** A CRD as something that can be broken: any field of any type. */
export interface Loose {
  // biome-ignore lint/suspicious/noExplicitAny: what is broken on purpose has no type
  [field: string]: any;
}

const specOf = (crd: Loose): Loose => crd.spec.versions[0].schema.openAPIV3Schema.properties.spec;
const version = (crd: Loose): Loose => crd.spec.versions[0];
const root = (crd: Loose): Loose => version(crd).schema.openAPIV3Schema;
const field = (name: string, schema: Loose) => (crd: Loose) => {
  specOf(crd).properties[name] = schema;
};
const rule =
  (text: string, more: Partial<Rule> = {}) =>
  (crd: Loose) => {
    specOf(crd)['x-kubernetes-validations'].push({ rule: text, message: 'no', ...more });
  };
const inSpec = (problem: string) => [`widgets.shop.example v1alpha1: spec: ${problem}`];
const inField = (name: string, ...problems: string[]) =>
  problems.map((problem) => `widgets.shop.example v1alpha1: spec.${name}: ${problem}`);
const string: Schema = { type: 'string', maxLength: 8 };

/**
 * What an API server refuses. Kubernetes' own code was asked about each: apiextensions-apiserver v0.37.2 and v0.29.15 accept the
 * CRD above and refuse each of these.
 */
export const refused: readonly Case[] = [
  {
    name: 'a name that is not the plural and the group',
    change: (crd) => {
      crd.metadata.name = 'widget.shop.example';
    },
    problems: ['widget.shop.example: metadata.name: must be widgets.shop.example, the plural and the group'],
  },
  {
    name: 'a group that is no domain',
    change: (crd) => {
      crd.spec.group = 'shop';
      crd.metadata.name = 'widgets.shop';
    },
    problems: ['widgets.shop: spec.group: must be a domain with at least one dot, got "shop"'],
  },
  {
    name: 'an unknown scope',
    change: (crd) => {
      crd.spec.scope = 'Everywhere';
    },
    problems: ['widgets.shop.example: spec.scope: must be Namespaced or Cluster, got "Everywhere"'],
  },
  {
    name: 'a short name that is no label',
    change: (crd) => {
      crd.spec.names.shortNames = ['WD'];
    },
    problems: ['widgets.shop.example: spec.names.shortNames: must be a DNS-1035 label, got "WD"'],
  },
  {
    name: 'a list kind that is the kind',
    change: (crd) => {
      crd.spec.names.listKind = 'Widget';
    },
    problems: ['widgets.shop.example: spec.names.listKind: must differ from kind'],
  },
  {
    name: 'two versions of one name, both stored',
    change: (crd) => {
      crd.spec.versions.push(structuredClone(version(crd)));
    },
    problems: [
      'widgets.shop.example: spec.versions: v1alpha1 must not be there twice',
      'widgets.shop.example: spec.versions: exactly one must be the stored one, got 2',
    ],
  },
  {
    name: 'a version without a schema',
    change: (crd) => {
      version(crd).schema = {};
    },
    problems: ['widgets.shop.example v1alpha1: must have a schema'],
  },
  {
    name: 'a printer column of no type',
    change: (crd) => {
      version(crd).additionalPrinterColumns[0].type = 'text';
    },
    problems: [
      'widgets.shop.example v1alpha1: printer column "Host": type must be integer, number, string, boolean or date, got "text"',
    ],
  },
  {
    name: 'a printer column without a path',
    change: (crd) => {
      version(crd).additionalPrinterColumns[0].jsonPath = 'spec.host';
    },
    problems: [
      'widgets.shop.example v1alpha1: printer column "Host": jsonPath "spec.host" is no simple path such as .spec.host or .status.conditions[?(@.type=="Ready")].status',
    ],
  },
  {
    name: 'a field without a type',
    change: field('new', { maxLength: 3 }),
    problems: inField('new', 'must have a type'),
  },
  {
    name: 'a root that is no object',
    change: (crd) => {
      root(crd).type = 'string';
    },
    problems: [
      'widgets.shop.example v1alpha1: must be of type object at the root',
      'widgets.shop.example v1alpha1: must be of type object, having properties',
      'widgets.shop.example v1alpha1: required says nothing of type string',
    ],
  },
  {
    name: 'metadata that says too much',
    change: (crd) => {
      root(crd).properties.metadata = { type: 'object', properties: { labels: { type: 'object' } } };
    },
    problems: [
      'widgets.shop.example v1alpha1: metadata must be of type object and say nothing but of name and generateName',
    ],
  },
  {
    name: 'a list without items',
    change: field('new', { type: 'array' }),
    problems: inField('new', 'must have items, being an array'),
  },
  {
    name: 'unique items',
    change: field('new', { type: 'array', items: string, uniqueItems: true }),
    problems: inField('new', 'must not have the keyword uniqueItems'),
  },
  {
    name: 'a reference',
    change: field('new', { $ref: '#/definitions/x' }),
    problems: inField('new', 'must not have the keyword $ref', 'must have a type'),
  },
  {
    name: 'properties and additional properties',
    change: field('new', { type: 'object', properties: { a: string }, additionalProperties: string }),
    problems: inField('new', 'must have properties or additionalProperties, not both'),
  },
  {
    name: 'an integer or string that preserves fields',
    change: field('new', { 'x-kubernetes-int-or-string': true, 'x-kubernetes-preserve-unknown-fields': true }),
    problems: inField('new', 'x-kubernetes-int-or-string goes with no other extension'),
  },
  {
    name: 'fields that are not preserved, explicitly',
    change: field('new', { type: 'object', 'x-kubernetes-preserve-unknown-fields': false }),
    problems: inField('new', 'x-kubernetes-preserve-unknown-fields must be true or left out'),
  },
  {
    name: 'an embedded resource of which nothing is known',
    change: field('new', { type: 'object', 'x-kubernetes-embedded-resource': true }),
    problems: inField('new', 'must have properties or preserve unknown fields, being x-kubernetes-embedded-resource'),
  },
  {
    name: 'an unknown list type',
    change: field('new', { type: 'array', items: string, 'x-kubernetes-list-type': 'bag' }),
    problems: inField('new', 'x-kubernetes-list-type must be atomic, set or map, got "bag"'),
  },
  {
    name: 'a list type of what is no list',
    change: field('new', { type: 'string', 'x-kubernetes-list-type': 'set' }),
    problems: inField('new', 'must be an array, having x-kubernetes-list-type'),
  },
  {
    name: 'a set of objects that are merged',
    change: field('new', {
      type: 'array',
      'x-kubernetes-list-type': 'set',
      items: { type: 'object', properties: { a: string } },
    }),
    problems: inField('new', 'items of a set must be atomic'),
  },
  {
    name: 'keys of what is no map',
    change: field('new', {
      type: 'array',
      'x-kubernetes-list-map-keys': ['a'],
      items: { type: 'object', properties: { a: string } },
    }),
    problems: inField('new', 'x-kubernetes-list-type must be map, having x-kubernetes-list-map-keys'),
  },
  {
    name: 'a map without keys',
    change: field('new', {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      items: { type: 'object', properties: { a: string } },
    }),
    problems: inField('new', 'must have x-kubernetes-list-map-keys, being a map'),
  },
  {
    name: 'a map of strings',
    change: field('new', {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['a'],
      items: string,
    }),
    problems: inField('new', 'items must be objects, being a map'),
  },
  {
    name: 'keys that are not there, or twice, or objects, or optional',
    change: field('new', {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['a', 'b', 'c', 'c'],
      items: { type: 'object', required: ['c'], properties: { b: { type: 'object' }, c: string, d: string } },
    }),
    problems: inField(
      'new',
      'x-kubernetes-list-map-keys: c must not be there twice',
      'x-kubernetes-list-map-keys: a is no property of the items',
      'x-kubernetes-list-map-keys: b must be a scalar',
    ),
  },
  {
    name: 'a key that may be absent',
    change: (crd) => {
      specOf(crd).properties.parts.items.required = undefined;
    },
    problems: inField('parts', 'x-kubernetes-list-map-keys: name must be required or have a default'),
  },
  {
    name: 'an unknown map type',
    change: field('new', { type: 'object', 'x-kubernetes-map-type': 'loose', properties: { a: string } }),
    problems: inField('new', 'x-kubernetes-map-type must be atomic or granular, got "loose"'),
  },
  {
    name: 'a pattern that RE2 does not have',
    change: field('new', { type: 'string', pattern: '^(?!x).*$' }),
    problems: inField('new', 'pattern is not a regular expression of RE2: ^(?!x).*$: it has no (?!...)'),
  },
  {
    name: 'a type in a junctor',
    change: (crd) => {
      specOf(crd).oneOf[0] = { required: ['exact'], properties: { exact: { type: 'string' } } };
    },
    problems: inSpec('oneOf[0]: exact: must not have the keyword type'),
  },
  {
    name: 'a default in a junctor',
    change: (crd) => {
      specOf(crd).allOf = [{ properties: { exact: { default: 'x' } } }];
    },
    problems: inSpec('allOf[0]: exact: must not have the keyword default'),
  },
  {
    name: 'a rule in a junctor',
    change: (crd) => {
      specOf(crd).allOf = [{ 'x-kubernetes-validations': [{ rule: 'true', message: 'no' }] }];
    },
    problems: inSpec('allOf[0]: must not have the keyword x-kubernetes-validations'),
  },
  {
    name: 'a default that is invalid',
    change: field('new', { ...string, enum: ['a'], default: 'b' }),
    problems: inField('new', 'default: must be one of "a", got "b"'),
  },
  {
    name: 'a default with an unknown field',
    change: field('new', { type: 'object', properties: { a: string }, default: { b: 'x' } }),
    problems: inField('new', 'default: b: unknown field; known are a'),
  },
  {
    name: 'a default that breaks a rule',
    change: field('new', {
      ...string,
      default: 'b',
      'x-kubernetes-validations': [{ rule: "self == 'a'", message: 'must be a' }],
    }),
    problems: inField('new', 'default: must be a'),
  },
  {
    name: 'a rule that does not parse',
    change: rule('self.host =='),
    problems: inSpec('rule 2 (self.host ==): Unexpected token: EOF'),
  },
  {
    name: 'a rule about a field that is not there',
    change: rule("self.hots != ''"),
    problems: inSpec("rule 2 (self.hots != ''): No such key: hots"),
  },
  {
    name: 'has() of a field that is not there',
    change: rule('has(self.hots)'),
    problems: inSpec('rule 2 (has(self.hots)): No such key: hots'),
  },
  {
    name: 'a rule that compares a string with a number',
    change: rule('self.host == 1'),
    problems: inSpec('rule 2 (self.host == 1): no such overload: string == int'),
  },
  {
    name: 'a rule that gives no bool',
    change: rule('self.host'),
    problems: inSpec('rule 2 (self.host): it must give a bool, gives string'),
  },
  {
    name: 'a rule that calls a function of the engine',
    change: rule("cel.bind(x, self.host, x != '')"),
    problems: inSpec("rule 2 (cel.bind(x, self.host, x != '')): it calls a function that Kubernetes does not have"),
  },
  {
    name: 'a rule with a regular expression that RE2 does not have',
    change: rule("self.host.matches('(?=x)')"),
    problems: inSpec("rule 2 (self.host.matches('(?=x)')): not a regular expression of RE2: (?=x): it has no (?=...)"),
  },
  {
    name: 'a message with line breaks',
    change: rule('true', { message: 'a\nb' }),
    problems: inSpec('rule 2 (true): message must not have line breaks'),
  },
  {
    name: 'an empty message',
    change: rule('true', { message: ' ' }),
    problems: inSpec('rule 2 (true): message must not be empty'),
  },
  {
    name: 'an unknown reason',
    change: rule('true', { reason: 'Because' }),
    problems: inSpec(
      'rule 2 (true): reason must be one of FieldValueInvalid, FieldValueForbidden, FieldValueRequired, FieldValueDuplicate, got "Because"',
    ),
  },
  {
    name: 'a field path that leads nowhere',
    change: rule('true', { fieldPath: '.nowhere' }),
    problems: inSpec('rule 2 (true): fieldPath .nowhere is not in the schema'),
  },
  {
    name: 'a message expression that gives no string',
    change: rule('true', { message: undefined, messageExpression: 'self.parts.size()' } as Partial<Rule>),
    problems: inSpec('rule 2 (true): messageExpression: must give a string, gives int'),
  },
  {
    name: 'an old value in a list without keys',
    change: field('new', {
      type: 'array',
      maxItems: 4,
      items: { ...string, 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'no' }] },
    }),
    problems: [
      'widgets.shop.example v1alpha1: spec.new[]: rule 0 (self == oldSelf): oldSelf cannot be used inside spec.new, whose items have no keys',
    ],
  },
  {
    name: 'a rule about pairs of strings without an end',
    change: field('new', {
      type: 'array',
      items: { type: 'string' },
      'x-kubernetes-validations': [{ rule: 'self.all(a, self.exists_one(b, a == b))', message: 'no' }],
    }),
    problems: inField(
      'new',
      'rule 0 (self.all(a, self.exists_one(b, a == b))): reads self, which has no maxItems',
      'rule 0 (self.all(a, self.exists_one(b, a == b))): reads self[], which has no maxLength',
    ),
  },
  {
    name: 'a rule in a list without an end',
    change: field('new', {
      type: 'array',
      items: {
        type: 'object',
        properties: { a: { type: 'string' } },
        'x-kubernetes-validations': [{ rule: "!has(self.a) || self.a.contains('x')", message: 'no' }],
      },
    }),
    problems: [
      "widgets.shop.example v1alpha1: spec.new[]: rule 0 (!has(self.a) || self.a.contains('x')): runs for each of spec.new, which has no maxItems",
      "widgets.shop.example v1alpha1: spec.new[]: rule 0 (!has(self.a) || self.a.contains('x')): reads self.a, which has no maxLength",
    ],
  },
];

/** What only an API server of 1.29 refuses, because its CEL lacks something. */
export const refusedByTheOldest: readonly Case[] = [
  {
    name: 'a function of 1.31',
    change: rule('isIP(self.host)'),
    problems: inSpec("rule 2 (isIP(self.host)): found no matching overload for 'isIP(string)'"),
  },
  {
    name: 'a namespace of 1.32',
    change: rule('!format.dns1123Label().validate(self.host).hasValue()'),
    problems: inSpec('rule 2 (!format.dns1123Label().validate(self.host).hasValue()): Unknown variable: format'),
  },
];

/**
 * What costs too much, as an API server of 1.29 estimates it; 1.37 accepts some of it. Both versions were asked.
 */
export const tooCostlyForTheOldest: readonly Case[] = [
  {
    name: 'a rule about the result of map()',
    change: rule('!has(self.parts) || self.parts.map(p, p.weight).sum() <= 100'),
    problems: inSpec(
      'rule 2 (!has(self.parts) || self.parts.map(p, p.weight).sum() <= 100): reads the result of map(), whose size Kubernetes does not estimate',
    ),
  },
  {
    name: 'a rule about the result of filter()',
    change: rule('!has(self.parts) || self.parts.filter(p, p.weight > 1).all(p, p.weight < 3)'),
    problems: inSpec(
      'rule 2 (!has(self.parts) || self.parts.filter(p, p.weight > 1).al...): reads the result of filter(), whose size Kubernetes does not estimate',
    ),
  },
  {
    name: 'a message that holds a number',
    change: rule('true', {
      message: undefined,
      messageExpression: '"parts: " + string(self.parts.size())',
    } as Partial<Rule>),
    problems: inSpec(
      'rule 2 (true): messageExpression: reads the result of string(), whose size Kubernetes does not estimate',
    ),
  },
];

/** What an API server accepts, and is a mistake: both versions of its code accept each of these. */
export const accepted: readonly Case[] = [
  {
    name: 'an integer or string with a type',
    change: field('new', { type: 'string', 'x-kubernetes-int-or-string': true }),
    problems: inField('new', 'must have no type, being x-kubernetes-int-or-string'),
  },
  {
    name: 'an undeclared field in a junctor',
    change: (crd) => {
      specOf(crd).anyOf = [{ properties: { nowhere: { minLength: 1 } } }];
    },
    problems: inSpec('anyOf[0]: nowhere is not declared outside of it'),
  },
  {
    name: 'no version that is served',
    change: (crd) => {
      version(crd).served = false;
    },
    problems: ['widgets.shop.example: spec.versions: at least one must be served'],
  },
  {
    name: 'a version whose name says no order',
    change: (crd) => {
      version(crd).name = 'first';
    },
    problems: ['widgets.shop.example: spec.versions: must be named as v1, v1beta1 or v1alpha1, got "first"'],
  },
  {
    name: 'a status without its subresource',
    change: (crd) => {
      version(crd).subresources = undefined;
    },
    problems: [
      'widgets.shop.example v1alpha1: has a status in its schema and no subresource status: users could write it',
    ],
  },
  {
    name: 'a subresource without its status',
    change: (crd) => {
      root(crd).properties.status = undefined;
      version(crd).additionalPrinterColumns.splice(1, 1);
    },
    problems: [
      'widgets.shop.example v1alpha1: has a subresource status and no status in its schema: all of it would be dropped',
    ],
  },
  {
    name: 'a printer column that shows nothing',
    change: (crd) => {
      version(crd).additionalPrinterColumns[0].jsonPath = '.spec.hosts';
    },
    problems: [
      'widgets.shop.example v1alpha1: printer column "Host": jsonPath ".spec.hosts" leads to nothing in the schema',
    ],
  },
  {
    name: 'a required field that is not declared',
    change: (crd) => {
      specOf(crd).required.push('hots');
    },
    problems: inSpec('required: hots is not among the properties'),
  },
  {
    name: 'a format that is never checked',
    change: field('new', { type: 'string', format: 'quantity' }),
    problems: inField(
      'new',
      'format "quantity" is never checked; checked are byte, cidr, date, date-time, double, duration, float, hostname, int32, int64, ipv4, ipv6, mac, password, uri, uuid',
    ),
  },
  {
    name: 'a limit of another type',
    change: field('new', { type: 'integer', maxLength: 3 }),
    problems: inField('new', 'maxLength says nothing of type integer'),
  },
  {
    name: 'limits that nothing meets',
    change: field('new', { type: 'integer', minimum: 3, maximum: 2 }),
    problems: inField('new', 'minimum 3 must not be more than maximum 2'),
  },
  {
    name: 'a rule without a message',
    change: rule('true', { message: undefined } as Partial<Rule>),
    problems: inSpec('rule 2 (true): must have a message: what the user sees otherwise is the rule'),
  },
  {
    name: 'a rule that reads a string without an end',
    change: field('new', { type: 'string', 'x-kubernetes-validations': [{ rule: "self != 'x'", message: 'no' }] }),
    problems: inField('new', "rule 0 (self != 'x'): reads self, which has no maxLength"),
  },
  {
    name: 'a rule that reads a map without an end',
    change: field('new', {
      type: 'object',
      additionalProperties: string,
      'x-kubernetes-validations': [{ rule: "self.all(k, k != 'x')", message: 'no' }],
    }),
    problems: inField('new', "rule 0 (self.all(k, k != 'x')): reads self, which has no maxProperties"),
  },
];
