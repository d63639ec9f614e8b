import type { Crd } from './openapi';
export const thirdPartyCrds: readonly Crd[] = [];
