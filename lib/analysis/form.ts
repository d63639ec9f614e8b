import { Late } from '../model';

/**
 * Forms that texts must have. Each function gives the rule that a text breaks, in the words of whoever refuses it, or
 * nothing. A value that is known only at deployment passes: its form cannot be seen yet.
 */

const label = "must consist of lower case alphanumeric characters or '-'";

/** Names of namespaces and of most of what the mesh makes. https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
export function dnsLabel(text: string, longest = 63): string | undefined {
  if (Late.is(text)) return undefined;
  if (text.length > longest) return tooLong(text, longest);
  if (/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text)) return undefined;
  return `a lowercase RFC 1123 label ${label}, and must start and end with an alphanumeric character`;
}

/** Names of Services: a DNS label that does not start with a digit. */
export function serviceName(text: string, longest = 63): string | undefined {
  if (Late.is(text)) return undefined;
  if (text.length > longest) return tooLong(text, longest);
  if (/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(text)) return undefined;
  return `a DNS-1035 label ${label}, start with an alphabetic character, and end with an alphanumeric character`;
}

/** Names of objects whose name is no host. */
export function dnsSubdomain(text: string): string | undefined {
  if (Late.is(text)) return undefined;
  if (text.length > 253) return tooLong(text, 253);
  if (/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text)) return undefined;
  return "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
}

/** A DNS name of a host; with `wildcard`, one whose first label may be `*`. */
export function host(text: string, wildcard: 'wildcard' | 'exact'): string | undefined {
  if (Late.is(text)) return undefined;
  if (isAddress(text)) return 'a host is a DNS name, not an IP address';
  const name = wildcard === 'wildcard' && text.startsWith('*.') ? text.slice(2) : text;
  const form = wildcard === 'wildcard' ? "a DNS name, whose first label may be '*'" : 'a DNS name';
  if (name.length <= 253 && /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/.test(name)) {
    return undefined;
  }
  return `a host is ${form}: labels of lower case letters, digits and '-', at most 63 characters each, joined by '.'`;
}

/** Keys and values of labels. https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
export function labelValue(text: string): string | undefined {
  if (Late.is(text)) return undefined;
  if (text.length > 63) return tooLong(text, 63);
  if (/^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/.test(text)) return undefined;
  return "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
}

export function labelKey(text: string): string | undefined {
  const slash = text.indexOf('/');
  const name = text.slice(slash + 1);
  if (name === '') return 'the name of a label must not be empty';
  return (slash >= 0 ? dnsSubdomain(text.slice(0, slash)) : undefined) ?? labelValue(name);
}

/** Names of header fields, cookies and methods. https://www.rfc-editor.org/rfc/rfc9110#name-tokens */
export function token(text: string): string | undefined {
  if (Late.is(text) || /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text)) return undefined;
  return "a token of RFC 9110 is one or more letters, digits and !#$%&'*+-.^_`|~";
}

/** Values of header fields: Envoy refuses line breaks and other control characters. */
export function headerValue(text: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (Late.is(text) || !/[\u0000-\u0008\u000a-\u001f\u007f]/.test(text)) return undefined;
  return 'a header value must hold no line break or other control character';
}

/** Path of a request, or the beginning of one. */
export function path(text: string): string | undefined {
  if (Late.is(text)) return undefined;
  if (!text.startsWith('/')) return "a path starts with '/'";
  if (/[?#]/.test(text)) return "a path ends before '?' and '#': the query is matched apart from it";
  if (/[\s\u007f]/.test(text)) return 'a path holds no white space';
  return undefined;
}

/** Variables of a process. */
export function variable(text: string): string | undefined {
  if (Late.is(text) || /^[A-Za-z_][A-Za-z0-9_]*$/.test(text)) return undefined;
  return "a variable's name consists of letters, digits and '_', and does not start with a digit";
}

/** An `http` or `https` URL. */
export function url(text: string): string | undefined {
  if (Late.is(text) || /^https?:\/\/[^\s/?#]+([/?#]\S*)?$/.test(text)) return undefined;
  return 'a URL starts with http:// or https:// and names a host';
}

/** Addresses of a network, such as 10.0.0.0/8. */
export function cidr(text: string): string | undefined {
  if (Late.is(text)) return undefined;
  const [address = '', length, ...rest] = text.split('/');
  const bits = isIpv4(address) ? 32 : isIpv6(address) ? 128 : -1;
  if (bits > 0 && length !== undefined && rest.length === 0 && /^\d{1,3}$/.test(length) && Number(length) <= bits) {
    return undefined;
  }
  return 'a range of addresses is written as CIDR, such as 10.0.0.0/8 or 192.0.2.7/32';
}

export function isAddress(text: string): boolean {
  return isIpv4(text) || isIpv6(text);
}

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return false;
  return halves.length === 2 ? groups.length < 8 : groups.length === 8;
}

function tooLong(text: string, longest: number): string {
  return `must be no more than ${longest} characters, and it has ${text.length}`;
}
