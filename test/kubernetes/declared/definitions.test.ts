import { describe, expect, it } from 'vitest';
import { gatewayApiDefinitions, gatewayApiVersion, meshwrightDefinitions } from '../../../lib/kubernetes/crds';
import type { Manifest } from '../../../lib/kubernetes/manifest';
import { structuralProblems } from '../../support/manifests/structural';

describe('definitions of the own kinds', () => {
  it('are what an API server of the oldest Kubernetes accepts', () => {
    expect(meshwrightDefinitions().flatMap((crd) => structuralProblems(crd))).toEqual([]);
  });

  it('are these kinds, by these names, and no two share a name', () => {
    const names = meshwrightDefinitions().map(({ spec }) => [spec.names.kind, spec.scope, ...spec.names.shortNames]);
    expect(names).toEqual([
      ['AccessPolicy', 'Namespaced', 'acp'],
      ['Canary', 'Namespaced', 'cny'],
      ['Edge', 'Namespaced', 'edg'],
      ['ExternalService', 'Namespaced', 'exs'],
      ['GatewayParameters', 'Namespaced', 'gwp'],
      ['Mesh', 'Cluster', 'mesh'],
      ['RouteFilter', 'Namespaced', 'rtf'],
      ['Telemetry', 'Namespaced', 'tlm'],
      ['TrafficPolicy', 'Namespaced', 'tfp'],
    ]);
  });

  it('explain every field', () => {
    const silent = meshwrightDefinitions().flatMap((crd) => unexplained(schemaOf(crd), crd.spec.names.kind));
    expect(silent).toEqual([]);
  });

  it('limit every string, list and map', () => {
    const endless = meshwrightDefinitions().flatMap((crd) => unlimited(schemaOf(crd), crd.spec.names.kind));
    expect(endless).toEqual([]);
  });

  it('name no field or word that YAML 1.1, which kubectl reads, takes for true or false', () => {
    const words = meshwrightDefinitions().flatMap((crd) => wordsOf(schemaOf(crd).properties?.spec as Schema));
    expect(words.filter((word) => /^(y|yes|n|no|true|false|on|off)$/i.test(word))).toEqual([]);
  });

  it('write no defaults, which would make what is read differ from what was declared', () => {
    const text = JSON.stringify(meshwrightDefinitions().map(schemaOf));
    expect(text).not.toContain('"default":');
  });

  it('have a status with conditions by type, as a subresource', () => {
    for (const crd of meshwrightDefinitions()) {
      const [version] = crd.spec.versions;
      expect(version.subresources).toEqual({ status: {} });
      const { conditions } = version.schema.openAPIV3Schema.properties.status.properties;
      expect(conditions['x-kubernetes-list-map-keys']).toEqual(['type']);
    }
  });
});

describe("definitions of Gateway API's kinds", () => {
  const channelOf = ({ metadata }: Manifest) => metadata.annotations?.['gateway.networking.k8s.io/channel'];

  it.each(['standard', 'experimental'] as const)(
    'are all of the %s channel and of the version that is named',
    (channel) => {
      const crds = gatewayApiDefinitions(channel);
      expect(new Set(crds.map(channelOf))).toEqual(new Set([channel]));
      const versions = crds.map(({ metadata }) => metadata.annotations?.['gateway.networking.k8s.io/bundle-version']);
      expect(new Set(versions)).toEqual(new Set([gatewayApiVersion]));
      const names = crds.map(({ metadata }) => metadata.name);
      expect(names).toEqual([...names].sort());
      expect(new Set(names).size).toBe(names.length);
    },
  );

  it('have the experimental fields in the experimental channel alone', () => {
    const fieldsOfRules = (channel: 'standard' | 'experimental') => {
      const route = gatewayApiDefinitions(channel).find(({ spec }) => spec.names.kind === 'HTTPRoute');
      const version = route?.spec.versions.find(({ storage }: { readonly storage: boolean }) => storage);
      return Object.keys(version.schema.openAPIV3Schema.properties.spec.properties.rules.items.properties);
    };
    expect(fieldsOfRules('standard')).not.toContain('sessionPersistence');
    expect(fieldsOfRules('experimental')).toEqual(
      expect.arrayContaining([...fieldsOfRules('standard'), 'sessionPersistence']),
    );
  });
});

interface Schema {
  readonly type: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly properties?: { readonly [name: string]: Schema };
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
}

function schemaOf({ spec }: Manifest): Schema {
  return spec.versions[0].schema.openAPIV3Schema;
}

function unexplained(schema: Schema, path: string): string[] {
  const here = schema.description || path.endsWith(']') ? [] : [path];
  return [...here, ...inside(schema, path).flatMap(([inner, at]) => unexplained(inner, at))];
}

/** Names of fields, and what fields may say. */
function wordsOf(schema: Schema): string[] {
  const said = (schema.enum ?? []).map(String);
  return [...Object.keys(schema.properties ?? {}), ...said, ...inside(schema, '').flatMap(([inner]) => wordsOf(inner))];
}

function unlimited(schema: Schema, path: string): string[] {
  const { type, maxLength, maxItems, additionalProperties, maxProperties } = schema;
  const endless =
    (type === 'string' && maxLength === undefined && !schema.enum && schema.format !== 'date-time') ||
    (type === 'array' && maxItems === undefined) ||
    (additionalProperties !== undefined && maxProperties === undefined);
  return [...(endless ? [path] : []), ...inside(schema, path).flatMap(([inner, at]) => unlimited(inner, at))];
}

function inside({ properties = {}, items, additionalProperties }: Schema, path: string): (readonly [Schema, string])[] {
  return [
    ...Object.entries(properties).map(([name, inner]) => [inner, `${path}.${name}`] as const),
    ...(items ? [[items, `${path}[]`] as const] : []),
    ...(additionalProperties ? [[additionalProperties, `${path}[*]`] as const] : []),
  ];
}
