/**
 * The mesh of a program on this machine: real Envoys, the services' own processes, the control plane in between. No root.
 *
 *     program ──synthesis──▶ manifests ──decode──▶ model ──on-this-machine──▶ fleet ──▶ pods: an Envoy and a process each
 *        ▲                                                                   │            ▲ started, watched, ended: process/
 *        └── watch                                                           └──▶ memory source ──▶ control plane ──xDS──┘
 *
 *     run-folder: state of each mesh that runs ──▶ status, config
 */
export { type ConfigQuestion, config } from './config';
export { status } from './status';
export { up } from './up';
