import type { LocalProcess } from '../../../model';
import { fields, list, mapOf, optional, required, type Shape, text } from '../shape';

const word = text({ minLength: 0, maxLength: 4_096 });

export const localProcess: Shape<LocalProcess> = fields<LocalProcess>({
  command: required(list(word, { minItems: 1, maxItems: 256 }), 'The command and its arguments.'),
  directory: optional(word, 'Where it runs, from the folder of the program. Absent: that folder.'),
  env: optional(mapOf(word, 256), 'Variables it is given.'),
});
