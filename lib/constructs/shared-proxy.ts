import { Construct } from 'constructs';
import { defaults, locate, type Ref, type Resources, type Value } from '../model';
import { Declaration } from './declaration';
import type { Service } from './service';

export interface SharedProxyProps {
  /** The services that it stands in front of; their pods have no sidecars. */
  readonly services: readonly Service[];
  /**
   * Name of the proxy.
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

/** One proxy in front of a group of services, for callers without sidecars: they call the services as ever. */
export class SharedProxy extends Construct {
  readonly name: string;
  readonly namespace: string;
  private readonly declaration: Declaration;
  private readonly services: Service[];

  constructor(scope: Construct, id: string, props: SharedProxyProps) {
    super(scope, id);
    this.services = [...props.services];
    this.declaration = new Declaration(this, {
      fragment: () => ({
        sharedProxies: [
          {
            ...this.ref,
            services: this.names(),
            replicas: this.declaration.amount('replicas', props.replicas ?? defaults.gatewayReplicas),
            resources: props.resources,
          },
        ],
      }),
      locators: () => [locate('SharedProxy', this.ref)],
    });
    this.name = props.name ?? id;
    this.namespace = this.declaration.namespace;
  }

  get ref(): Ref {
    return { namespace: this.namespace, name: this.name };
  }

  addService(service: Service): void {
    this.services.push(service);
    this.declaration.changed();
  }

  private names(): readonly string[] {
    for (const service of this.services.filter((one) => one.namespace !== this.namespace)) {
      this.declaration.mistake(
        'MESH0703',
        `service ${service.name} is of namespace ${service.namespace}, the shared proxy of ${this.namespace}`,
        'give each namespace a shared proxy of its own',
      );
    }
    return this.services.map((service) => service.name);
  }
}
