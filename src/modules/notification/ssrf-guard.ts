/**
 * Merchants tell us where to send requests, so this server can be asked to knock on doors inside our own network
 * (server-side request forgery). The guard lets out only what goes to public unicast addresses, and it judges the
 * addresses that are really connected to, not the name: a name may resolve differently a moment later.
 */
import { lookup } from 'node:dns/promises';
import { Resolver } from 'node:dns/promises';
import type { LookupAddress } from 'node:dns';
import ipaddr from 'ipaddr.js';
import { codeOf } from '../../kernel/errors/describe.js';
import { readUrl } from '../../kernel/http/read-url.js';

/** Longest address we store; browsers and proxies cut around here. */
export const MAX_URL_LENGTH = 2_048;

/** A resolver that does not answer is asked once more, then given up: a merchant's slow DNS must not use up the attempt. */
const DNS_TIMEOUT_MS = 2_000;
const DNS_TRIES = 2;

/** Why an address is refused; told to the merchant. */
export type Refusal = 'malformed' | 'too_long' | 'scheme' | 'credentials' | 'not_public';

export class AddressNotAllowedError extends Error {
  override readonly name = 'AddressNotAllowedError';
  constructor(readonly refusal: Refusal) {
    super(`The address is not allowed: ${refusal}`);
  }
}

export class NameNotResolvedError extends Error {
  override readonly name = 'NameNotResolvedError';
  /** `permanent`: the name does not exist. Otherwise the resolver failed, and may succeed later. */
  constructor(readonly permanent: boolean) {
    super(permanent ? 'The name does not exist' : 'The name could not be resolved');
  }
}

/** Public by its number, but answering with credentials or settings of the machine that asks: Azure's WireServer. */
const METADATA_ADDRESSES: ReadonlySet<string> = new Set(['168.63.129.16']);

/** IANA has allocated only this block for global unicast; whatever else IPv6 has is special or unassigned. */
const GLOBAL_UNICAST_V6 = ipaddr.IPv6.parseCIDR('2000::/3');

const PRIVATE_RANGES: ReadonlySet<string> = new Set(['loopback', 'private', 'uniqueLocal']);

function parse(address: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  return ipaddr.isValid(address) ? ipaddr.parse(address) : undefined;
}

/**
 * Whether an IP address is public unicast. Forms that carry an IPv4 address inside IPv6 (mapped, compatible, NAT64,
 * 6to4, Teredo) are refused whatever they carry: no merchant needs them, and they lead around the IPv4 rules.
 */
export function isPublicAddress(address: string): boolean {
  const parsed = parse(address);
  if (parsed === undefined || parsed.range() !== 'unicast') return false;
  if (parsed instanceof ipaddr.IPv6) return parsed.zoneId === undefined && parsed.match(GLOBAL_UNICAST_V6);
  return !METADATA_ADDRESSES.has(parsed.toString());
}

/** Loopback, RFC 1918 and unique local addresses. Link-local stays refused: cloud metadata services live there. */
export function isPrivateAddress(address: string): boolean {
  const parsed = parse(address);
  return parsed !== undefined && PRIVATE_RANGES.has(parsed.range());
}

export type Resolve = (hostname: string) => Promise<LookupAddress[]>;

/**
 * A and AAAA from DNS alone: the hosts file names our own machines. It also keeps slow names off the thread pool, where
 * four of them would hold up every other lookup of the process.
 */
export async function resolveFromDns(hostname: string): Promise<LookupAddress[]> {
  const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: DNS_TRIES });
  const [v4, v6] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
  const addresses = [
    ...(v4.status === 'fulfilled' ? v4.value.map((address) => ({ address, family: 4 })) : []),
    ...(v6.status === 'fulfilled' ? v6.value.map((address) => ({ address, family: 6 })) : []),
  ];
  if (addresses.length === 0) {
    const codes = [v4, v6].map((result) => (result.status === 'rejected' ? codeOf(result.reason) : undefined));
    throw new NameNotResolvedError(codes.every((code) => code === 'ENOTFOUND' || code === 'ENODATA'));
  }
  return addresses;
}

/** What the system says, hosts file included: for development, where names such as `localhost` are wanted. */
async function resolveFromSystem(hostname: string): Promise<LookupAddress[]> {
  try {
    return await lookup(hostname, { all: true });
  } catch (error) {
    throw new NameNotResolvedError(codeOf(error) === 'ENOTFOUND');
  }
}

export interface SsrfGuardOptions {
  /** Development only: http, loopback and private addresses too. */
  readonly allowPrivate: boolean;
  readonly resolve?: Resolve;
}

export class SsrfGuard {
  private readonly allowPrivate: boolean;
  private readonly resolve: Resolve;

  constructor(options: SsrfGuardOptions) {
    this.allowPrivate = options.allowPrivate;
    this.resolve = options.resolve ?? (options.allowPrivate ? resolveFromSystem : resolveFromDns);
  }

  /**
   * Reads an address as browsers do (so 0x7f.1, 2130706433 and full-width digits are seen as what they are) and checks
   * what can be told without the network.
   * @throws {AddressNotAllowedError}
   */
  checkUrl(text: string): URL {
    if (text.length > MAX_URL_LENGTH) throw new AddressNotAllowedError('too_long');
    const url = readUrl(text);
    if (url === undefined) throw new AddressNotAllowedError('malformed');
    if (url.href.length > MAX_URL_LENGTH) throw new AddressNotAllowedError('too_long');
    if (url.protocol !== 'https:' && !(this.allowPrivate && url.protocol === 'http:'))
      throw new AddressNotAllowedError('scheme');
    if (url.username !== '' || url.password !== '') throw new AddressNotAllowedError('credentials');
    this.checkLiteral(url.hostname);
    return url;
  }

  /** Refuses a host that is an address and not allowed; says nothing about names. */
  checkLiteral(hostname: string): void {
    const address = literalOf(hostname);
    if (address !== undefined && !this.allows(address)) throw new AddressNotAllowedError('not_public');
  }

  /** Whether we may connect to this IP address. */
  allows(address: string): boolean {
    return isPublicAddress(address) || (this.allowPrivate && isPrivateAddress(address));
  }

  /**
   * The addresses of a host, every one of them allowed. One forbidden address among them condemns the name: a name with
   * both a public and a private address is either a trick or a mistake.
   * @throws {AddressNotAllowedError} @throws {NameNotResolvedError}
   */
  async vet(hostname: string): Promise<LookupAddress[]> {
    this.checkLiteral(hostname);
    const literal = literalOf(hostname);
    if (literal !== undefined) return [{ address: literal, family: literal.includes(':') ? 6 : 4 }];
    if (!this.allowPrivate && /(^|\.)localhost\.?$/i.test(hostname)) throw new AddressNotAllowedError('not_public');
    const addresses = await this.resolve(hostname);
    if (addresses.length === 0) throw new NameNotResolvedError(true);
    if (!addresses.every(({ address }) => this.allows(address))) throw new AddressNotAllowedError('not_public');
    return addresses;
  }
}

/** The IP address that a URL's host is, without the brackets of IPv6; undefined for a name. */
function literalOf(hostname: string): string | undefined {
  const bare = hostname.startsWith('[') && hostname.endsWith(']') ? hostname.slice(1, -1) : hostname;
  return parse(bare) === undefined ? undefined : bare;
}
