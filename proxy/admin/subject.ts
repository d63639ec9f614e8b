import type { WaitingProxy } from '../admission';
import type { ConnectedProxies } from '../connected-proxies';
import type { RootExpiry } from '../identity';
import type { Measurements } from '../measurements';
import type { Problem } from '../snapshot';
import type { State } from '../sources/source';
import type { Statistics, StreamStatus } from '../xds';

/** What is shown: all of it as it is now. */
export interface Subject {
  /** There is a mesh to serve. */
  isReady(): boolean;
  readonly proxies: ConnectedProxies;
  streams(): readonly StreamStatus[];
  statistics(): Statistics | undefined;
  readonly measurements: Measurements;
  problems(): readonly Problem[];
  /** Proxies that are not served yet. */
  waiting(): readonly WaitingProxy[];
  state(): State;
  /** Certificates signed for proxies since the start. */
  issued(): number;
  rootExpiries(): readonly RootExpiry[];
  leads(): boolean;
}
