import type { HeaderChanges, HeaderValue } from '../../../model';
import { type Json, type Reader, shown } from '../shape';

interface Headers {
  readonly requestHeaders?: HeaderChanges;
  readonly responseHeaders?: HeaderChanges;
}

/** Changes of headers as filters of Gateway API. */
export function headerFiltersJson({ requestHeaders, responseHeaders }: Headers): readonly Json[] {
  return [
    ...(requestHeaders ? [{ type: 'RequestHeaderModifier', requestHeaderModifier: changesJson(requestHeaders) }] : []),
    ...(responseHeaders
      ? [{ type: 'ResponseHeaderModifier', responseHeaderModifier: changesJson(responseHeaders) }]
      : []),
  ];
}

/** Reads the filters of a backend, which can do nothing else. */
export function headerFiltersOf(json: Json, reader: Reader): Headers {
  const all = reader.all(
    reader.items(json).map((filter, index) => () => {
      const at = reader.at(index);
      return (
        headerFilterOf(at.fields(filter), at) ??
        at.at('type').fail(`${shown(filter.type)} is not supported on a backend`)
      );
    }),
  );
  return Object.assign({}, ...all);
}

/** Reads a filter if it changes headers. */
export function headerFilterOf(filter: { readonly [field: string]: Json }, reader: Reader): Headers | undefined {
  switch (filter.type) {
    case 'RequestHeaderModifier':
      return { requestHeaders: changesOf(filter.requestHeaderModifier, reader.at('requestHeaderModifier')) };
    case 'ResponseHeaderModifier':
      return { responseHeaders: changesOf(filter.responseHeaderModifier, reader.at('responseHeaderModifier')) };
    default:
      return undefined;
  }
}

function changesJson({ set, add, remove }: HeaderChanges): Json {
  return {
    ...(set.length > 0 ? { set } : {}),
    ...(add.length > 0 ? { add } : {}),
    ...(remove.length > 0 ? { remove } : {}),
  };
}

function changesOf(json: Json, reader: Reader): HeaderChanges {
  const given = reader.fields(json);
  reader.only(given, ['set', 'add', 'remove']);
  const values = (key: 'set' | 'add') =>
    reader
      .at(key)
      .items(given[key])
      .map((item, index): HeaderValue => {
        const at = reader.at(key).at(index);
        const { name, value } = at.fields(item);
        return { name: at.at('name').text(name), value: at.at('value').text(value) };
      });
  const remove = reader
    .at('remove')
    .items(given.remove)
    .map((name, index) => reader.at('remove').at(index).text(name));
  return { set: values('set'), add: values('add'), remove };
}
