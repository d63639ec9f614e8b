/**
 * What a mesh is, as plain data: the middle that neither the constructs (which make it) nor the renderers (which read it)
 * own. It imports nothing.
 *
 *     model ◀── everything
 */
export * from './access-policy';
export * from './canary';
export * from './defaults';
export * from './diagnostic';
export * from './duration';
export * from './edge';
export * from './gateway';
export * from './hash';
export * from './implied-access';
export * from './late';
export * from './lookup';
export * from './match';
export * from './mesh';
export * from './model';
export * as names from './names';
export * from './pod';
export * from './port';
export * from './ref';
export * from './resources';
export * from './route';
export * from './service';
export * from './supporting-calls';
export * from './telemetry';
export * from './traffic-policy';
export * from './upstreams';
