import type { Resources } from '../../../model';
import { fields, optional, type Shape, text } from '../shape';

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
const quantity = text({
  maxLength: 32,
  pattern: '^([0-9]+|[0-9]+\\.[0-9]*|\\.[0-9]+)(([KMGTPE]i)|[numkMGTPE]|([eE][-+]?[0-9]+))?$',
});

type Amounts = NonNullable<Resources['requests']>;

const amounts = fields<Amounts>({
  cpu: optional(quantity, 'Cores: 100m is a tenth of one.'),
  memory: optional(quantity, 'Bytes: 64Mi.'),
});

export const resources: Shape<Resources> = fields<Resources>({
  requests: optional(amounts, 'What is kept free for the container.'),
  limits: optional(amounts, 'What the container may use at most.'),
});
