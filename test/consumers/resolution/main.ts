import { Mesh, type MeshProps } from 'meshwright';
import { MeshComponent, type ProgramArgs } from 'meshwright/pulumi';
import { modelOf } from 'meshwright/testing';

// Types that are not found would be `any`, of which everything is assignable to everything, `never` aside.
export type Known<T> = 0 extends 1 & T ? never : T;
export const found: [Known<typeof Mesh>, Known<typeof MeshComponent>, Known<typeof modelOf>] = [
  Mesh,
  MeshComponent,
  modelOf,
];
export const props: Known<MeshProps> = { trustDomain: 'shop.example' };
export const args: Known<ProgramArgs> = { program: () => {} };
