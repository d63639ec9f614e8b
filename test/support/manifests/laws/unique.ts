import { repeated } from '../json';
import { nameOf } from '../objects';
import { keyOf, type Law } from './manifests';

/** No object is there twice: of two, the one that is applied last would win. */
export const uniqueLaw: Law = ({ objects }) => {
  const twice = new Set(repeated(objects.map(keyOf)));
  const told = new Map(objects.filter((object) => twice.has(keyOf(object))).map((object) => [keyOf(object), object]));
  return [...told].map(
    ([key, object]) => `${nameOf(object)}: is there ${objects.filter((other) => keyOf(other) === key).length} times`,
  );
};
