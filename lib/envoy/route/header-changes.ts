import type { HeaderChanges } from '../../model';
import type { Route } from '../types';

type HeaderValueOption = NonNullable<Route['requestHeadersToAdd']>[number];

/** Header changes of a request and of a response, as routes, virtual hosts and weighted clusters have them. */
export interface Changes {
  readonly requestHeadersToAdd?: readonly HeaderValueOption[];
  readonly requestHeadersToRemove?: readonly string[];
  readonly responseHeadersToAdd?: readonly HeaderValueOption[];
  readonly responseHeadersToRemove?: readonly string[];
}

export interface DeclaredChanges {
  readonly requestHeaders?: HeaderChanges;
  readonly responseHeaders?: HeaderChanges;
}

export function headerChanges({ requestHeaders, responseHeaders }: DeclaredChanges): Changes {
  const request = additions(requestHeaders);
  const removedOfRequest = removals(requestHeaders);
  const response = additions(responseHeaders);
  const removedOfResponse = removals(responseHeaders);
  return {
    ...(request.length > 0 && { requestHeadersToAdd: request }),
    ...(removedOfRequest.length > 0 && { requestHeadersToRemove: removedOfRequest }),
    ...(response.length > 0 && { responseHeadersToAdd: response }),
    ...(removedOfResponse.length > 0 && { responseHeadersToRemove: removedOfResponse }),
  };
}

/** Sets a header to a text, whatever it was. */
export function setHeader(key: string, value: string): HeaderValueOption {
  return { header: { key, value: escaped(value) }, appendAction: 'OVERWRITE_IF_EXISTS_OR_ADD' };
}

export function addHeader(key: string, value: string): HeaderValueOption {
  return { header: { key, value: escaped(value) }, appendAction: 'APPEND_IF_EXISTS_OR_ADD' };
}

function additions(changes: HeaderChanges | undefined): readonly HeaderValueOption[] {
  if (!changes) return [];
  return [
    ...changes.set.map(({ name, value }) => ({
      ...setHeader(name, value),
      ...(value === '' && { keepEmptyValue: true }),
    })),
    ...changes.add.map(({ name, value }) => ({
      ...addHeader(name, value),
      ...(value === '' && { keepEmptyValue: true }),
    })),
  ].filter(({ header }) => isChangeable(header?.key ?? ''));
}

function removals(changes: HeaderChanges | undefined): readonly string[] {
  return (changes?.remove ?? []).filter(isChangeable);
}

/** Envoy refuses a whole configuration that changes where a request goes by a header; analysis names the rule that asks for it. */
function isChangeable(name: string): boolean {
  return !name.startsWith(':') && name.toLowerCase() !== 'host';
}

/** To Envoy a percent sign begins a command. https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/advanced/substitution_formatter */
function escaped(value: string): string {
  return value.replaceAll('%', '%%');
}

/**
 * Changes one after another, as one. Envoy makes those of a weighted cluster before those of its route, where Gateway API has
 * the rule's filters before the backend's; so a route whose backends change headers leaves its own changes to them.
 */
export function inTurn(first: DeclaredChanges, second: DeclaredChanges): DeclaredChanges {
  const requestHeaders = sequence(first.requestHeaders, second.requestHeaders);
  const responseHeaders = sequence(first.responseHeaders, second.responseHeaders);
  return { ...(requestHeaders && { requestHeaders }), ...(responseHeaders && { responseHeaders }) };
}

function sequence(first: HeaderChanges | undefined, second: HeaderChanges | undefined): HeaderChanges | undefined {
  if (!first || !second) return first ?? second;
  const later = new Set([...second.remove, ...second.set.map(({ name }) => name)].map((name) => name.toLowerCase()));
  const stays = ({ name }: { readonly name: string }) => !later.has(name.toLowerCase());
  return {
    set: [...first.set.filter(stays), ...second.set],
    add: [...first.add.filter(stays), ...second.add],
    remove: [...first.remove, ...second.remove],
  };
}
