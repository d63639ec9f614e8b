import type { Assignment, ClusterLoadAssignment, Configuration, Context, Endpoint, Locality } from '../../lib/envoy';
import type { Model } from '../../lib/model';

/** What makes configuration: `lib/envoy`. Both are pure. */
export interface Maker {
  configurationOf(context: Context): Configuration;
  /**
   * @param model what bears on these endpoints (`concernOfEndpoints`)
   * @param endpoints all of the port, whatever their version
   * @param locality where the one stands that asks
   */
  loadAssignment(
    model: Model,
    assignment: Assignment,
    endpoints: readonly Endpoint[],
    locality: Locality | undefined,
  ): ClusterLoadAssignment;
}
