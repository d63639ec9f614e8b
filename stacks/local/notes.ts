import { type Model, Ref } from '../../lib/model';
import { collectorIn } from './on-this-machine';

/** What is another thing here than in a cluster, and would surprise: each with what to do about it. */
export function notesOf(
  declared: Model,
  env: NodeJS.ProcessEnv,
  madeCertificates: readonly string[],
): readonly string[] {
  return [
    ...declared.externalServices.flatMap((external) => {
      if (external.local)
        return [
          `${external.host} is stood in for (external service ${Ref.key(external)}); nothing goes to the host itself`,
        ];
      if (external.tls.kind !== 'passthrough') return [];
      return [
        `${external.host} is reached by its name, past the sidecars: no name leads to them here; give it \`originateTls\` and an \`env\` to see and limit its calls`,
      ];
    }),
    ...declared.canaries.map(
      ({ namespace, name, service, stable, candidate }) =>
        `canary ${namespace}/${name} is not rolled out here: ${service}-${stable} gets everything, ${service}-${candidate} what routes lead to it`,
    ),
    ...madeCertificates.map((secret) => `the certificate ${secret} is of an authority that was made for this run`),
    ...(declared.mesh.telemetry.tracing?.enabled && !collectorIn(env)
      ? [
          'traces are not sent: export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317 for a collector of this machine',
        ]
      : []),
  ];
}
