/** What a section has started and made: undone after it, last first, whatever becomes of it. */
export type Undo = (() => unknown)[];

export async function undoing<Result>(work: (undo: Undo) => Promise<Result>): Promise<Result> {
  const undo: Undo = [];
  try {
    return await work(undo);
  } finally {
    for (const step of undo.reverse()) await step();
  }
}
