/** How parts of the model stand in manifests: schema, encoding and decoding of each in one value. */
export * from './containers';
export * from './scalars';
export * from './schema';
export * from './shape';
