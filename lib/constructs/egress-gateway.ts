import { Construct } from 'constructs';
import { defaults, locate, type Ref, type Resources, type Value } from '../model';
import { Declaration } from './declaration';

export interface EgressGatewayProps {
  /**
   * Name of the Gateway object.
   * @default - the construct's id
   */
  readonly name?: string;
  /**
   * Number of proxies.
   * @default 2
   */
  readonly replicas?: Value<number>;
  /**
   * What each proxy asks for and may use.
   * @default - as sidecars
   */
  readonly resources?: Resources;
}

/** Where traffic to external services that name it (`via`) leaves the cluster: one place to watch and one address to admit. */
export class EgressGateway extends Construct {
  readonly name: string;
  readonly namespace: string;

  constructor(scope: Construct, id: string, props: EgressGatewayProps = {}) {
    super(scope, id);
    const declaration = new Declaration(this, {
      fragment: () => ({
        egressGateways: [
          {
            ...this.ref,
            replicas: declaration.amount('replicas', props.replicas ?? defaults.gatewayReplicas),
            resources: props.resources,
          },
        ],
      }),
      locators: () => [locate('EgressGateway', this.ref)],
    });
    this.name = props.name ?? id;
    this.namespace = declaration.namespace;
  }

  get ref(): Ref {
    return { namespace: this.namespace, name: this.name };
  }
}
