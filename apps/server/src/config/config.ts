import { isIP, isIPv6 } from 'node:net'
import { resolve } from 'node:path'
import { isGuid } from '../common/guid.ts'
import { type Extension, extensions } from './extensions.ts'
import {
  isLoopback,
  parseCount,
  parseFlag,
  parseHost,
  parseJsonList,
  parseNetworks,
  parseOrigin,
  parsePort,
  parseSize,
  parseTelephone,
} from './parse.ts'
import { isSecret, readEnvironment, SettingError, type SettingName } from './settings.ts'
import { decideSip, type SipConfig } from './sip.ts'

/** An issuer outside whose tokens count as a tenant's. */
export interface TrustedIssuer {
  issuer: string
  audience: string
  tenantId: string
}

/** An OpenID provider outside that signs people of a tenant in. */
export interface SignInIssuer {
  issuer: string
  clientId: string
  clientSecret: string
  tenantId: string
  /** Shown on the button. */
  name: string
  /** The claim that holds the account's upn; `email` counts only when the issuer says it has checked it. */
  claim?: string
}

interface IceServer {
  urls: string[]
  username?: string
  credential?: string
}

/** What decides when people may be in without an organizer: always, some minutes before the start, or never. */
export type Opening = 'any' | 'organizer' | number

/** Everything decided before anything is opened. */
export interface Config {
  host: string
  port: number
  httpsPort: number
  dataFolder: string
  /** Origins as a client on this machine or network writes them. */
  baseUrl: string
  httpsBaseUrl: string
  /** The origin of every link we give out. */
  publicUrl: string
  /** Proxies whose word on addresses and names is believed. */
  trustedProxies: string[]
  /** The origin tokens name as their issuer. */
  issuerBase: string
  tls: { certificateFile: string; keyFile: string } | null
  demo: boolean
  dialin: { tollNumber: string | null; tollFreeNumber: string | null; leader: boolean }
  trustedIssuers: TrustedIssuer[]
  signInIssuers: SignInIssuer[]
  /** Whether applications need an application access policy besides their roles. */
  accessPolicy: 'open' | 'strict'
  /** Additions to Graph that are on for every request. */
  extensions: ReadonlySet<Extension>
  /** Graph requests an application may make in 10 seconds. */
  graphLimit: number
  /** The settings that were given, as text; secrets are `***`. */
  given: Readonly<Record<string, string>>
  logLevel: string
  /** What opens /metrics from elsewhere; null: nothing does. */
  metricsToken: string | null
  /** Days after which audit rows are deleted. */
  auditDays: number
  /** Bytes; 0 takes no files. */
  chatFileLimit: number
  /** Whether change notifications may go to addresses that are not public. */
  notifyPrivate: boolean
  door: {
    opening: Opening
    /** People in one meeting at once. */
    capacity: number
    purgeAfterDays: number
  }
  /** The telephone side; null where it is off. */
  sip: SipConfig | null
  media: {
    port: number
    /** Processes of the embedded server, each on a UDP port of its own, from `port` on. */
    workers: number
    addresses: string[]
    iceServers: IceServer[]
    /** Null: the embedded server. */
    external: { url: string; key: string; secret: string } | null
  }
}

const MAX_MEDIA_WORKERS = 16
const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

/** Numbers set apart for fiction, so that no demo ever rings anybody. */
const fictionalNumbers = { tollNumber: '+12025550143', tollFreeNumber: '+18005550199' }

/** Decide from the environment. Throws SettingError with one clear line. */
export function decide(environment: Record<string, string | undefined>): Config {
  const env = readEnvironment(environment)
  const host = parseHost('PARLEY_HOST', env.PARLEY_HOST ?? '127.0.0.1')
  const port = parsePort('PARLEY_PORT', env.PARLEY_PORT, 8080)
  const httpsPort = parsePort('PARLEY_HTTPS_PORT', env.PARLEY_HTTPS_PORT, 8443)
  if (port !== 0 && port === httpsPort) throw new SettingError('PARLEY_HTTPS_PORT', `must differ from PARLEY_PORT (both ${port})`)
  if (env.PARLEY_DATABASE_URL !== undefined)
    throw new SettingError(
      'PARLEY_DATABASE_URL',
      'is not supported yet: leave it out to keep everything in SQLite in the data folder',
    )
  const publicUrl = env.PARLEY_PUBLIC_URL === undefined ? undefined : parseOrigin('PARLEY_PUBLIC_URL', env.PARLEY_PUBLIC_URL)
  const loopback = isLoopback(host)
  const demo = parseFlag('PARLEY_DEMO', env.PARLEY_DEMO) ?? loopback
  const numbers = demo ? fictionalNumbers : { tollNumber: null, tollFreeNumber: null }
  return {
    ...origins({ host, port, httpsPort, publicUrl }),
    trustedProxies: parseNetworks('PARLEY_TRUSTED_PROXIES', env.PARLEY_TRUSTED_PROXIES),
    dataFolder: resolve(env.PARLEY_DATA ?? './data'),
    tls: decideTls(env),
    demo,
    dialin: {
      leader: parseFlag('PARLEY_DIALIN_LEADER', env.PARLEY_DIALIN_LEADER) ?? false,
      tollNumber: parseTelephone('PARLEY_DIALIN_TOLL_NUMBER', env.PARLEY_DIALIN_TOLL_NUMBER) ?? numbers.tollNumber,
      tollFreeNumber:
        parseTelephone('PARLEY_DIALIN_TOLL_FREE_NUMBER', env.PARLEY_DIALIN_TOLL_FREE_NUMBER) ?? numbers.tollFreeNumber,
    },
    trustedIssuers: parseJsonList<TrustedIssuer>('PARLEY_TRUSTED_ISSUERS', env.PARLEY_TRUSTED_ISSUERS, wrongIssuer),
    accessPolicy: decideAccessPolicy(env.PARLEY_ACCESS_POLICY),
    extensions: decideExtensions(env.PARLEY_EXTENSIONS),
    graphLimit: decideGraphLimit(env.PARLEY_GRAPH_LIMIT),
    signInIssuers: parseJsonList<SignInIssuer>('PARLEY_SIGNIN_ISSUERS', env.PARLEY_SIGNIN_ISSUERS, wrongSignInIssuer),
    given: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, isSecret(name as SettingName) ? '***' : value])),
    logLevel: decideLogLevel(env.PARLEY_LOG_LEVEL),
    metricsToken: decideMetricsToken(env.PARLEY_METRICS_TOKEN),
    auditDays: parseCount('PARLEY_AUDIT_DAYS', env.PARLEY_AUDIT_DAYS, 400),
    chatFileLimit: parseSize('PARLEY_CHAT_FILE_LIMIT', env.PARLEY_CHAT_FILE_LIMIT, 25 * 1024 ** 2),
    notifyPrivate: parseFlag('PARLEY_NOTIFY_PRIVATE', env.PARLEY_NOTIFY_PRIVATE) ?? false,
    door: decideDoor(env),
    sip: decideSip(env, demo),
    media: decideMedia(env, host),
  }
}

/** The part of a decision that follows from ports and names; asked again once port 0 has become a real one. */
export function origins(decided: { host: string; port: number; httpsPort: number; publicUrl: string | undefined }) {
  const { host, port, httpsPort, publicUrl } = decided
  const name = isLoopback(host)
    ? 'localhost'
    : host === '0.0.0.0' || host === '::'
      ? 'localhost'
      : isIPv6(host)
        ? `[${host}]`
        : host
  const baseUrl = `http://${name}:${port}`
  const httpsBaseUrl = `https://${name}:${httpsPort}`
  return {
    host,
    port,
    httpsPort,
    baseUrl,
    httpsBaseUrl,
    // Browsers give camera and microphone to http only on the machine itself.
    publicUrl: publicUrl ?? (isLoopback(host) ? baseUrl : httpsBaseUrl),
    issuerBase: publicUrl?.startsWith('https:') ? publicUrl : httpsBaseUrl,
  }
}

function decideTls(env: Partial<Record<SettingName, string>>): Config['tls'] {
  const { PARLEY_TLS_CERT: certificate, PARLEY_TLS_KEY: key } = env
  if (certificate === undefined && key === undefined) return null
  if (certificate === undefined) throw new SettingError('PARLEY_TLS_CERT', 'is needed together with PARLEY_TLS_KEY')
  if (key === undefined) throw new SettingError('PARLEY_TLS_KEY', 'is needed together with PARLEY_TLS_CERT')
  return { certificateFile: resolve(certificate), keyFile: resolve(key) }
}

function decideLogLevel(value = 'info'): string {
  if (logLevels.includes(value)) return value
  throw new SettingError('PARLEY_LOG_LEVEL', `must be one of ${logLevels.join(', ')}, not "${value}"`)
}

function decideMetricsToken(value: string | undefined): string | null {
  if (value !== undefined && !/^[\x21-\x7e]{16,256}$/.test(value))
    throw new SettingError('PARLEY_METRICS_TOKEN', 'must have 16 to 256 visible characters without blanks')
  return value ?? null
}

function decideAccessPolicy(value = 'open'): Config['accessPolicy'] {
  if (value === 'open' || value === 'strict') return value
  throw new SettingError('PARLEY_ACCESS_POLICY', `must be open or strict, not "${value}"`)
}

function decideExtensions(value = ''): ReadonlySet<Extension> {
  const names = value.split(',').map((name) => name.trim().toLowerCase())
  const unknown = names.find((name) => name !== '' && !extensions.some((each) => each === name))
  if (unknown !== undefined) throw new SettingError('PARLEY_EXTENSIONS', `may hold ${extensions.join(', ')}, not "${unknown}"`)
  return new Set(extensions.filter((each) => names.includes(each)))
}

function decideGraphLimit(value = '130000'): number {
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value)
  throw new SettingError('PARLEY_GRAPH_LIMIT', `must be a whole number from 1, not "${value}"`)
}

function wrongIssuer({ issuer, audience, tenantId }: Record<string, unknown>): string | undefined {
  if (typeof issuer !== 'string' || !URL.canParse(issuer)) return '"issuer" must be an address'
  if (typeof audience !== 'string' || audience === '') return '"audience" must be text'
  if (typeof tenantId !== 'string' || !isGuid(tenantId)) return '"tenantId" must be the GUID of a tenant'
  return undefined
}

function wrongSignInIssuer(item: Record<string, unknown>): string | undefined {
  const { issuer, tenantId, claim } = item
  const url = typeof issuer === 'string' && URL.canParse(issuer) ? new URL(issuer) : undefined
  if (url?.protocol !== 'https:' && !(url?.protocol === 'http:' && isLoopback(url.hostname)))
    return '"issuer" must be an https address (http only on this machine)'
  const missing = ['clientId', 'clientSecret', 'name'].find((name) => typeof item[name] !== 'string' || item[name] === '')
  if (missing !== undefined) return `"${missing}" must be text`
  if (typeof tenantId !== 'string' || !isGuid(tenantId)) return '"tenantId" must be the GUID of a tenant'
  if (claim !== undefined && typeof claim !== 'string') return '"claim" must be text'
  return undefined
}

function wrongIceServer({ urls }: Record<string, unknown>): string | undefined {
  const good =
    Array.isArray(urls) && urls.length > 0 && urls.every((url) => typeof url === 'string' && /^(turns?|stuns?):/.test(url))
  return good ? undefined : '"urls" must be a list of turn:, turns: or stun: addresses'
}

function decideDoor(env: Partial<Record<SettingName, string>>): Config['door'] {
  const opening = env.PARLEY_OPENING ?? 'any'
  if (opening !== 'any' && opening !== 'organizer' && !/^\d{1,6}$/.test(opening))
    throw new SettingError('PARLEY_OPENING', `must be any, organizer or a number of minutes, not "${opening}"`)
  return {
    opening: opening === 'any' || opening === 'organizer' ? opening : Number(opening),
    capacity: parseCount('PARLEY_CAPACITY', env.PARLEY_CAPACITY, 1_000),
    purgeAfterDays: parseCount('PARLEY_PURGE_AFTER_DAYS', env.PARLEY_PURGE_AFTER_DAYS, 30),
  }
}

function decideMedia(env: Partial<Record<SettingName, string>>, host: string): Config['media'] {
  const announced = env.PARLEY_MEDIA_ADDRESSES?.split(',').map((address) => address.trim())
  const wrong = announced?.find((address) => isIP(address) === 0)
  if (wrong !== undefined) throw new SettingError('PARLEY_MEDIA_ADDRESSES', `must be IP addresses, not "${wrong}"`)
  const { PARLEY_MEDIA_URL: url, PARLEY_MEDIA_KEY: key, PARLEY_MEDIA_SECRET: secret } = env
  if (url !== undefined && (!URL.canParse(url) || !/^(wss?|https?):$/.test(new URL(url).protocol)))
    throw new SettingError('PARLEY_MEDIA_URL', `must be a ws, wss, http or https address, not "${url}"`)
  if (url !== undefined && (key === undefined || secret === undefined))
    throw new SettingError(
      key === undefined ? 'PARLEY_MEDIA_KEY' : 'PARLEY_MEDIA_SECRET',
      'is needed together with PARLEY_MEDIA_URL',
    )
  if (url === undefined && (key !== undefined || secret !== undefined))
    throw new SettingError('PARLEY_MEDIA_URL', 'is needed together with PARLEY_MEDIA_KEY and PARLEY_MEDIA_SECRET')
  const port = parsePort('PARLEY_MEDIA_PORT', env.PARLEY_MEDIA_PORT, 8081)
  const workers = parseCount('PARLEY_MEDIA_WORKERS', env.PARLEY_MEDIA_WORKERS, 1)
  if (workers > MAX_MEDIA_WORKERS) throw new SettingError('PARLEY_MEDIA_WORKERS', `must be at most ${MAX_MEDIA_WORKERS}`)
  if (port + workers - 1 > 65_535) throw new SettingError('PARLEY_MEDIA_WORKERS', 'leads beyond port 65535')
  return {
    port,
    workers,
    addresses: announced ?? [isIP(host) !== 0 && host !== '0.0.0.0' && host !== '::' ? host : '127.0.0.1'],
    iceServers: parseJsonList<IceServer>('PARLEY_MEDIA_ICE_SERVERS', env.PARLEY_MEDIA_ICE_SERVERS, wrongIceServer),
    external: url === undefined ? null : { url, key: key!, secret: secret! },
  }
}
