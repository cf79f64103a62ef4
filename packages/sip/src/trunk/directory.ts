import { BlockList, isIP, isIPv6 } from 'node:net'
import { Challenger, type Verdict } from '../auth/challenger.ts'
import type { DigestAlgorithm } from '../auth/digest.ts'
import type { SipRequest } from '../message/message.ts'
import type { Trunk } from './trunk.ts'

/** Whether a call may come in, and over which trunk. */
export type TrunkDecision =
  | { outcome: 'trunk'; trunk: Trunk }
  | { outcome: 'challenge'; stale: boolean }
  | { outcome: 'refused'; code: 'unknown-source' | 'bad-credentials' | 'replayed-credentials' }

interface Listed {
  trunk: Trunk
  addresses: BlockList
}

/** The trunks of the settings, and the question which one a request belongs to. */
export class TrunkDirectory {
  readonly #listed: Listed[] = []
  readonly #byName = new Map<string, Trunk>()
  readonly #challenger: Challenger
  readonly #contacts = new Map<string, Trunk>()

  /** Throws TypeError naming the trunk when a setting is wrong. */
  constructor(trunks: readonly Trunk[], realm: string, algorithms?: readonly DigestAlgorithm[]) {
    for (const trunk of trunks) {
      if (trunk.name === '' || this.#byName.has(trunk.name))
        throw new TypeError(`trunk name missing or used twice: ${trunk.name}`)
      this.#byName.set(trunk.name, trunk)
      const addresses = new BlockList()
      if (trunk.kind !== 'digest') for (const text of trunk.addresses ?? []) addAddress(addresses, text, trunk.name)
      this.#listed.push({ trunk, addresses })
      if (trunk.kind !== 'address' && (trunk.username === '' || trunk.password === '')) {
        throw new TypeError(`trunk ${trunk.name} needs username and password`)
      }
    }
    const users = trunks.filter((trunk) => trunk.kind === 'digest')
    this.#challenger = new Challenger(realm, users, algorithms)
  }

  /** Whether packets from there belong to a trunk known by address. */
  isTrusted(address: string): boolean {
    return this.#byAddress(address) !== undefined
  }

  /** Learn where a registrar lives, so that its calls are known by address. */
  learn(trunk: Trunk, address: string): void {
    const listed = this.#listed.find((entry) => entry.trunk === trunk)
    if (listed && isIP(address)) listed.addresses.addAddress(address, isIPv6(address) ? 'ipv6' : 'ipv4')
  }

  /** Bind the user part of the contact given to a registrar: nobody else can know it. */
  bindContact(user: string, trunk: Trunk): void {
    this.#contacts.set(user, trunk)
  }

  /** Whether that is the user part of a contact given to a registrar. */
  isContact(user: string): boolean {
    return this.#contacts.has(user)
  }

  /** Whether anybody with a name and password may call, from wherever. */
  get takesCredentials(): boolean {
    return this.#challenger.size > 0
  }

  /** Which trunk a request belongs to. `user` is the user part of its Request-URI. */
  decide(request: SipRequest, address: string, user: string): TrunkDecision {
    const bound = this.#contacts.get(user)
    if (bound) return { outcome: 'trunk', trunk: bound }
    const trunk = this.#byAddress(address)
    if (trunk) return { outcome: 'trunk', trunk }
    if (!this.takesCredentials) return { outcome: 'refused', code: 'unknown-source' }
    return this.#fromVerdict(this.#challenger.verify(request))
  }

  /** WWW-Authenticate values. */
  challenge(stale: boolean): string[] {
    return this.#challenger.challenge(stale)
  }

  #fromVerdict(verdict: Verdict): TrunkDecision {
    switch (verdict.outcome) {
      case 'ok':
        return { outcome: 'trunk', trunk: this.#byName.get(verdict.name)! }
      case 'none':
        return { outcome: 'challenge', stale: false }
      case 'stale':
        return { outcome: 'challenge', stale: true }
      case 'wrong':
        return { outcome: 'refused', code: verdict.code }
    }
  }

  #byAddress(address: string): Trunk | undefined {
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    return this.#listed.find(({ addresses }) => addresses.check(address, family))?.trunk
  }
}

function addAddress(list: BlockList, text: string, name: string): void {
  const [address = '', prefix] = text.split('/')
  const family = isIPv6(address) ? 'ipv6' : 'ipv4'
  const bits = prefix === undefined ? undefined : Number(prefix)
  if (isIP(address) === 0 || (bits !== undefined && !(bits >= 0 && bits <= (family === 'ipv6' ? 128 : 32)))) {
    throw new TypeError(`trunk ${name}: not an address or network: ${text}`)
  }
  if (bits === undefined) list.addAddress(address, family)
  else list.addSubnet(address, bits, family)
}
