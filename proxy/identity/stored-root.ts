import type { Issuer } from './issuer';
import type { Stage, StoredRoot } from './rotation';

/** Whether something that was read is what {@link ./root-store} keeps. Whether its certificates are any good is another question. */
export function isStoredRoot(value: unknown): value is StoredRoot {
  return isRecord(value) && isCount(value.trustGeneration) && isCount(value.issuerGeneration) && isStage(value.stage);
}

function isStage(value: unknown): value is Stage {
  if (!isRecord(value) || !isIssuer(value.issuing)) return false;
  switch (value.kind) {
    case 'steady':
      return true;
    case 'introducing':
      return isIssuer(value.next) && Number.isFinite(value.since);
    case 'renewing':
      return typeof value.previous === 'string' && Number.isFinite(value.since);
    default:
      return false;
  }
}

function isIssuer(value: unknown): value is Issuer {
  return (
    isRecord(value) &&
    (value.origin === 'made' || value.origin === 'given') &&
    typeof value.certificateChain === 'string' &&
    typeof value.roots === 'string' &&
    (value.privateKey === undefined || typeof value.privateKey === 'string')
  );
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 1;
}

function isRecord(value: unknown): value is { readonly [field: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What is kept of it: a key that was given stays with whoever gave it. */
export function withoutGivenKeys(root: StoredRoot): StoredRoot {
  const { stage } = root;
  switch (stage.kind) {
    case 'steady':
    case 'renewing':
      return { ...root, stage: { ...stage, issuing: withoutGivenKey(stage.issuing) } };
    case 'introducing':
      return {
        ...root,
        stage: { ...stage, issuing: withoutGivenKey(stage.issuing), next: withoutGivenKey(stage.next) },
      };
  }
}

function withoutGivenKey(issuer: Issuer): Issuer {
  if (issuer.origin === 'made') return issuer;
  const { privateKey: _, ...others } = issuer;
  return others;
}
