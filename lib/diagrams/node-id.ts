import { hash } from '../model';

/**
 * A word for a node that both languages take as it is. Of the node alone: a new service leaves the others' lines as they
 * are. What reads alike is told apart by a hash, which also keeps clear of words with a meaning, such as Mermaid's `end`.
 */
export function nodeId(kind: string, id: string): string {
  const name = id.split('/').at(-1) ?? id;
  return `${kind}_${name.replace(/[^A-Za-z0-9]+/g, '_')}_${hash(`${kind} ${id}`).slice(0, 6)}`;
}
