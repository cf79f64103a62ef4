import { isIP } from 'node:net'
import type { Trunk } from '@parley/sip'
import type { Language } from '@parley/sip/dial-in'
import { parseJsonList, parsePort } from './parse.ts'
import { SettingError, type SettingName } from './settings.ts'

/** How the telephone side listens; null where it is off. */
export interface SipConfig {
  /** UDP and TCP. */
  port: number
  /** Asked for, and not only the demo's: then a taken port ends the start. */
  required: boolean
  tlsPort: number | null
  publicAddress: string | null
  mediaPorts: { min: number; max: number } | null
  trunks: Trunk[]
  /** The language callers of a number are greeted in. */
  languages: Record<string, Language>
  /** The program that says names and its arguments, null for none, `installed` for whichever is there. */
  speech: [string, ...string[]] | null | 'installed'
}

type Environment = Partial<Record<SettingName, string>>

/** Calls on the machine itself, for the demo. */
const loopbackTrunk: Trunk = { kind: 'address', name: 'loopback', addresses: ['127.0.0.0/8', '::1'] }

/** On when a port is set, or in the demo; `off` turns it off. Throws SettingError. */
export function decideSip(env: Environment, demo: boolean): SipConfig | null {
  if (env.PARLEY_SIP_PORT === 'off' || (env.PARLEY_SIP_PORT === undefined && !demo)) {
    const without = (['PARLEY_SIP_TRUNKS', 'PARLEY_SIP_TLS_PORT'] as const).find((name) => env[name] !== undefined)
    if (without !== undefined && env.PARLEY_SIP_PORT === undefined) throw new SettingError(without, 'needs PARLEY_SIP_PORT')
    return null
  }
  const trunks = parseJsonList<Trunk>('PARLEY_SIP_TRUNKS', env.PARLEY_SIP_TRUNKS, wrongTrunk)
  const repeated = trunks.find(({ name }, index) => trunks.findIndex((other) => other.name === name) !== index)
  if (repeated !== undefined) throw new SettingError('PARLEY_SIP_TRUNKS', `names two trunks "${repeated.name}"`)
  return {
    port: parsePort('PARLEY_SIP_PORT', env.PARLEY_SIP_PORT, 5060),
    required: env.PARLEY_SIP_PORT !== undefined,
    tlsPort: env.PARLEY_SIP_TLS_PORT === undefined ? null : parsePort('PARLEY_SIP_TLS_PORT', env.PARLEY_SIP_TLS_PORT, 5061),
    publicAddress: decideAddress(env.PARLEY_SIP_ADDRESS),
    mediaPorts: decideRange(env.PARLEY_SIP_MEDIA_PORTS),
    trunks: trunks.length === 0 && demo ? [loopbackTrunk] : trunks,
    languages: decideLanguages(env.PARLEY_SIP_LANGUAGES),
    speech: decideSpeech(env.PARLEY_SPEECH_COMMAND),
  }
}

/** Split at spaces and never given to a shell. */
function decideSpeech(value: string | undefined): SipConfig['speech'] {
  if (value === undefined) return 'installed'
  if (value === 'off') return null
  const [program = '', ...args] = value.trim().split(/\s+/)
  if (program === '') throw new SettingError('PARLEY_SPEECH_COMMAND', 'must be a program and its arguments, or off')
  return [program, ...args]
}

function decideAddress(value: string | undefined): string | null {
  if (value === undefined) return null
  if (isIP(value) === 0) throw new SettingError('PARLEY_SIP_ADDRESS', `must be an IP address, not "${value}"`)
  return value
}

function decideRange(value: string | undefined): SipConfig['mediaPorts'] {
  if (value === undefined) return null
  const match = /^(\d{1,5})-(\d{1,5})$/.exec(value)
  const [min, max] = [Number(match?.[1]), Number(match?.[2])]
  if (match === null || min < 1024 || max > 65_535 || max - min < 1)
    throw new SettingError('PARLEY_SIP_MEDIA_PORTS', `must be a range of ports like 20000-20999, not "${value}"`)
  return { min, max }
}

function decideLanguages(value: string | undefined): Record<string, Language> {
  const languages: Record<string, Language> = {}
  for (const pair of value?.split(',') ?? []) {
    const match = /^\s*(\+?\d{2,20})\s*=\s*(en|es)\s*$/.exec(pair)
    if (match === null) throw new SettingError('PARLEY_SIP_LANGUAGES', `must be pairs like +34910000000=es, not "${pair.trim()}"`)
    languages[match[1]!] = match[2] as Language
  }
  return languages
}

const common = ['kind', 'name', 'srtp', 'codecs']
const members: Record<string, string[]> = {
  address: [...common, 'addresses'],
  digest: [...common, 'username', 'password'],
  registration: [
    ...common,
    ...['registrar', 'transport', 'username', 'password', 'authUsername', 'domain', 'expires', 'addresses'],
  ],
}
const choices: Record<string, readonly string[]> = {
  srtp: ['off', 'optional', 'required'],
  transport: ['udp', 'tcp', 'tls'],
}
const codecs: readonly unknown[] = ['PCMU', 'PCMA', 'opus']

/** What is wrong with a trunk, naming the member; undefined when nothing is. Passwords are never quoted. */
function wrongTrunk(trunk: Record<string, unknown>): string | undefined {
  const known = typeof trunk.kind === 'string' && Object.hasOwn(members, trunk.kind) ? members[trunk.kind]! : undefined
  if (known === undefined) return '"kind" must be "address", "digest" or "registration"'
  const unknown = Object.keys(trunk).find((name) => !known.includes(name))
  if (unknown !== undefined) return `"${unknown}" is no member of a trunk by ${trunk.kind}`
  const texts = ['name', 'username', 'password', 'registrar'].filter((name) => known.includes(name))
  const missing = texts.find((name) => !isText(trunk[name]))
  if (missing !== undefined) return `"${missing}" must be text`
  const odd = ['authUsername', 'domain'].find((name) => trunk[name] !== undefined && !isText(trunk[name]))
  if (odd !== undefined) return `"${odd}" must be text`
  for (const [name, allowed] of Object.entries(choices))
    if (trunk[name] !== undefined && !allowed.includes(trunk[name] as string))
      return `"${name}" must be one of ${allowed.join(', ')}`
  if (trunk.codecs !== undefined && !isListOf(trunk.codecs, (codec) => codecs.includes(codec)))
    return `"codecs" must be a list of ${codecs.join(', ')}`
  if ((trunk.kind === 'address' || trunk.addresses !== undefined) && !isListOf(trunk.addresses, isNetwork))
    return '"addresses" must be a list of IP addresses or networks'
  const { expires } = trunk
  if (expires !== undefined && !(Number.isInteger(expires) && (expires as number) >= 60 && (expires as number) <= 86_400))
    return '"expires" must be from 60 to 86400 seconds'
  return undefined
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function isListOf(value: unknown, fits: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(fits)
}

/** An address, or one with the number of bits that count (RFC 4632). */
function isNetwork(value: unknown): boolean {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(String(value)) ?? []
  const family = isIP(address)
  return family !== 0 && (bits === undefined || Number(bits) <= (family === 4 ? 32 : 128))
}
