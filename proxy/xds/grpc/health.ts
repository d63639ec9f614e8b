import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** `grpc.health.v1.Health/Check`: https://github.com/grpc/grpc/blob/master/doc/health-checking.md */
export const healthCheckPath = '/grpc.health.v1.Health/Check';

/** HealthCheckResponse, serving. */
export const serving = Uint8Array.of(0x08, 1);

/** @throws Error on what is no HealthCheckRequest */
export function readHealthCheckRequest(bytes: Uint8Array): { readonly service: string } {
  const reader = new BinaryReader(bytes);
  let service = '';
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1 && wireType === WireType.LengthDelimited) service = reader.string();
    else reader.skip(wireType, field);
  }
  return { service };
}
