import type { Model, ServiceTelemetry } from '../../model';
import type { Manifest } from '../manifest';
import type { Observed } from './observed';
import { decodeOwn, encodeOwn } from './own-kind';
import { serviceTarget } from './parts/target';
import { telemetryFields } from './parts/telemetry';
import { fields, required } from './shape';

export const telemetrySpec = fields<Omit<ServiceTelemetry, 'namespace' | 'name'>>({
  service: required(serviceTarget, 'The Service that is observed.', 'targetRefs'),
  ...telemetryFields,
});

export function encodeTelemetries(model: Model): readonly Manifest[] {
  return encodeOwn<ServiceTelemetry>(model, 'Telemetry', telemetrySpec, model.telemetries);
}

export function decodeTelemetries(observed: Observed): readonly ServiceTelemetry[] {
  return decodeOwn<ServiceTelemetry>(observed, 'Telemetry', telemetrySpec);
}
