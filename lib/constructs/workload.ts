import { Construct } from 'constructs';
import {
  type Capture,
  type Identity,
  type Labels,
  locate,
  names,
  type Protocol,
  type Ref,
  type Workload as WorkloadModel,
} from '../model';
import { type Callee, type CallOptions, Calls } from './caller';
import { Declaration } from './declaration';
import type { PodOwner } from './fragment';
import { apiObjectOf, original, type PodProps, podTemplate, toLocal } from './pods';
import { makeWorkload } from './workload-object';

export interface WorkloadProps extends Omit<PodProps, 'deployment' | 'readyPath'> {
  /**
   * Name of the workload.
   * @default - the construct's id
   */
  readonly name?: string;
  /**
   * A Job, CronJob, Deployment, StatefulSet or DaemonSet (of cdk8s-plus, or any object of that kind) that is adapted in place.
   * @default - none: `image` makes one
   */
  readonly workload?: Construct;
  /**
   * Kind of object that is made from the image.
   * @default - a CronJob where there is a schedule, otherwise a Job
   */
  readonly kind?: 'Job' | 'CronJob' | 'Deployment';
  /**
   * When a CronJob runs, in cron's format.
   * @default - none
   */
  readonly schedule?: string;
  /**
   * Service account of its pods, and so its identity.
   * @default - the one its pod template names; else one of the workload's name is made
   */
  readonly serviceAccount?: string;
  /**
   * How traffic comes to its sidecar.
   * @default - the mesh's
   */
  readonly capture?: Capture;
}

/** Something that calls and is not called: a Job, a CronJob, a consumer of a queue. */
export class Workload extends Construct {
  readonly name: string;
  readonly namespace: string;
  private readonly declaration: Declaration;
  private readonly outgoing: Calls;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: WorkloadProps,
  ) {
    super(scope, id);
    this.declaration = new Declaration(this, {
      fragment: () => ({ workloads: [this.toModel()], edges: this.outgoing.edges() }),
      locators: () => [locate('Workload', this.ref), ...this.outgoing.locators()],
      owners: () => this.owners(),
    });
    this.name = props.name ?? id;
    this.namespace = this.declaration.namespace;
    this.outgoing = new Calls(this.declaration, () => this.identity);
  }

  get ref(): Ref {
    return { namespace: this.namespace, name: this.name };
  }

  /** Who it is towards those it calls. */
  get identity(): Identity {
    return { namespace: this.namespace, serviceAccount: this.serviceAccount() };
  }

  /** Declares that this workload calls a service. What is not declared is denied. */
  calls<Q extends Protocol>(callee: Callee<Q>, options?: CallOptions<Q>): void {
    this.outgoing.add(callee as Callee<Protocol>, options ?? {});
  }

  private toModel(): WorkloadModel {
    return {
      ...this.ref,
      serviceAccount: this.serviceAccount(),
      selector: this.labels(),
      capture: this.props.capture,
      local: toLocal(this.declaration, this.props.local),
    };
  }

  private labels(): Labels {
    return { [names.keys.service]: this.name };
  }

  private serviceAccount(): string {
    if (this.props.serviceAccount) return this.props.serviceAccount;
    const named =
      this.props.workload && podTemplate(original(apiObjectOf(this.props.workload)))?.spec.serviceAccountName;
    return named && named !== 'default' ? named : this.name;
  }

  private owners(): readonly PodOwner[] {
    const member = { kind: 'workload', ...this.ref } as const;
    const { props } = this;
    if (props.workload) return [{ member, object: { kind: 'given', apiObject: apiObjectOf(props.workload) } }];
    if (props.image === undefined) {
      this.declaration.mistake('MESH0009', `workload ${this.name} has no pods`, 'give an `image` or a `workload`');
      return [];
    }
    const manifest = makeWorkload(this.declaration, '', props, {
      kind: props.kind ?? (props.schedule ? 'CronJob' : 'Job'),
      ref: this.ref,
      labels: this.labels(),
      serviceAccount: this.serviceAccount(),
      ports: [],
      schedule: props.schedule,
    });
    return [{ member, object: { kind: 'made', manifest } }];
  }
}
