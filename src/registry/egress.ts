/**
 * Egress: what an agent may reach. Plain data: whoever runs the agent enforces it.
 *
 * A rule is a host (`api.example.com`), all hosts below one (`*.example.com`), an address or a range of them (`192.0.2.7`, `10.0.0.0/8`,
 * `[2001:db8::]/32`), or `*`; each may end in a port (`api.example.com:443`, `[2001:db8::1]:443`).
 *
 * Of two rules either one covers the other or they have nothing in common, ports aside; so what two lists have in common is a list of rules.
 * A host's name and an address have nothing in common, although the name may resolve to it.
 */
import { BlockList, isIP } from "node:net";
import { CoppiceError } from "../model/error.js";

/** What may be reached: what is allowed and not denied. */
export interface EgressRules {
  /** @default ["*"] */
  readonly allow?: readonly string[];
  /** @default [] */
  readonly deny?: readonly string[];
}

interface Rule {
  /** In lower case; without brackets. */
  readonly host: string;
  /** Of a range of addresses, the bits that count. */
  readonly prefix: number | undefined;
  readonly port: number | undefined;
}

const RULES_MAX = 1_000;
const HOST_NAME =
  /^(?=.{1,253}$)(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;
const FORM =
  /^(?:\[(?<six>[0-9A-Fa-f:.]+)\]|(?<host>[^:/[\]]+))(?:\/(?<prefix>[0-9]{1,3}))?(?::(?<port>[0-9]{1,5}))?$/;

/**
 * Returns rules as they are kept.
 *
 * @throws {CoppiceError} INVALID_ARGUMENT where one is none
 * @throws {RangeError} for more than 1,000
 */
export function checkEgress({ allow, deny }: EgressRules): EgressRules {
  const checked = (rules: readonly string[]) => {
    if (rules.length > RULES_MAX)
      throw new RangeError(`Cannot take ${rules.length} egress rules: give at most ${RULES_MAX}`);
    return [...new Set(rules.map((rule) => textOf(parseRule(rule))))];
  };
  return {
    ...(allow !== undefined && { allow: checked(allow) }),
    ...(deny !== undefined && { deny: checked(deny) }),
  };
}

/** Returns what both allow and neither denies. */
export function mergeEgress(one: EgressRules, other: EgressRules): Required<EgressRules> {
  const ours = (one.allow ?? ["*"]).map(parseRule);
  const theirs = (other.allow ?? ["*"]).map(parseRule);
  const allow = ours.flatMap((a) => theirs.flatMap((b) => inCommon(a, b) ?? []));
  return {
    allow: [...new Set(allow.map(textOf))],
    deny: [...new Set([...(one.deny ?? []), ...(other.deny ?? [])])],
  };
}

function inCommon(a: Rule, b: Rule): Rule | undefined {
  if (a.port !== undefined && b.port !== undefined && a.port !== b.port) return undefined;
  const port = a.port ?? b.port;
  if (covers(a, b)) return { ...b, port };
  if (covers(b, a)) return { ...a, port };
  return undefined;
}

/** Whether the hosts of a rule are all among another's. */
function covers(wide: Rule, narrow: Rule): boolean {
  if (wide.host === "*") return true;
  if (wide.prefix !== undefined || narrow.prefix !== undefined) {
    if (wide.prefix === undefined || narrow.prefix === undefined || narrow.prefix < wide.prefix)
      return false;
    const family = familyOf(wide.host);
    if (family !== familyOf(narrow.host)) return false;
    const range = new BlockList();
    range.addSubnet(wide.host, wide.prefix, family);
    return range.check(narrow.host, family);
  }
  if (wide.host === narrow.host) return true;
  return wide.host.startsWith("*.") && narrow.host.endsWith(wide.host.slice(1));
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}

/** @throws {CoppiceError} INVALID_ARGUMENT */
function parseRule(text: string): Rule {
  const { six, host = "", prefix, port } = FORM.exec(text)?.groups ?? {};
  const address = six ?? host;
  const bits = isIP(address) === 6 ? 128 : isIP(address) === 4 ? 32 : undefined;
  const isHost = six === undefined && prefix === undefined && isHostName(host.toLowerCase());
  const isRule =
    (bits === undefined ? isHost : Number(prefix ?? bits) <= bits) &&
    (port === undefined || (Number(port) > 0 && Number(port) < 65_536));
  if (!isRule)
    throw new CoppiceError(
      "INVALID_ARGUMENT",
      `Cannot use egress rule ${JSON.stringify(text)}: give a host, *.host, an address or a range such as 10.0.0.0/8, and :port where one is meant`,
    );
  return {
    host: address.toLowerCase(),
    prefix: bits === undefined ? undefined : Number(prefix ?? bits),
    port: port === undefined ? undefined : Number(port),
  };
}

/** A name of numbers alone is an address that is none. */
function isHostName(host: string): boolean {
  return host === "*" || (HOST_NAME.test(host) && !/^[0-9.]+$/.test(host));
}

function textOf({ host, prefix, port }: Rule): string {
  const isSix = host.includes(":");
  const bits = prefix === undefined || prefix === (isSix ? 128 : 32) ? "" : `/${prefix}`;
  return `${isSix ? `[${host}]` : host}${bits}${port === undefined ? "" : `:${port}`}`;
}
