/**
 * Envoy's API as TypeScript, in protobuf's JSON form: short names for what is used here of `generated/types.ts`, which
 * `.ci/envoy-types.mjs` makes from the Envoy executable. All of it vanishes when compiled.
 */
import type { Any, envoy, google, Messages, validate } from './generated/types';

export type { Any, Messages };

/** Seconds, as protobuf's JSON has it: `0.25s`. */
export type Seconds = google.protobuf.Duration;

/** An extension whose configuration is of a known type. */
export type TypedExtension<Name extends keyof Messages = keyof Messages> = {
  readonly name: string;
  readonly typedConfig: Any<Name>;
};

/** The file that an Envoy starts with. */
export type Bootstrap = envoy.config.bootstrap.v3.Bootstrap;
export type OverloadManager = envoy.config.overload.v3.OverloadManager;
export type StatsConfig = envoy.config.metrics.v3.StatsConfig;
export type StringMatcher = envoy.type.matcher.v3.StringMatcher;

/** Resources: what the bootstrap holds or xDS delivers. */
export type Cluster = envoy.config.cluster.v3.Cluster;
export type Listener = envoy.config.listener.v3.Listener;
export type RouteConfiguration = envoy.config.route.v3.RouteConfiguration;
export type ClusterLoadAssignment = envoy.config.endpoint.v3.ClusterLoadAssignment;
export type TypedExtensionConfig = envoy.config.core.v3.TypedExtensionConfig;
export type Secret = envoy.extensions.transport_sockets.tls.v3.Secret;

export type Address = envoy.config.core.v3.Address;
export type ConfigSource = envoy.config.core.v3.ConfigSource;
export type DataSource = envoy.config.core.v3.DataSource;
export type DiscoveryResponse = envoy.service.discovery.v3.DiscoveryResponse;
export type Route = envoy.config.route.v3.Route;
export type TransportSocket = envoy.config.core.v3.TransportSocket;
export type VirtualHost = envoy.config.route.v3.VirtualHost;

export type HttpConnectionManager = envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
export type HttpFilter = envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;

/** What Envoy's API asks of a field, as an option in its descriptor. https://github.com/bufbuild/protoc-gen-validate */
export type FieldRules = validate.FieldRules;
