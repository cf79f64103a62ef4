/** A setting was refused: the line says which and why. */
export class SettingError extends Error {
  constructor(setting: string, reason: string) {
    super(`${setting} ${reason}`)
    this.name = 'SettingError'
  }
}

interface SettingDescription {
  /** What it decides, for the README and `parley config --help`. */
  about: string
  /** What holds when it is absent, in words. */
  default: string
  /** Printed as `***`. */
  secret?: boolean
}

/** Every setting there is, by environment variable. docs and README are checked against this table. */
export const settings = {
  PARLEY_PORT: { about: 'Port of the http server; 0 takes a free one', default: '8080' },
  PARLEY_HTTPS_PORT: { about: 'Port of the https server; 0 takes a free one', default: '8443' },
  PARLEY_HOST: { about: 'Address to listen on', default: '127.0.0.1' },
  PARLEY_DATA: { about: 'Folder that holds everything', default: './data' },
  PARLEY_PUBLIC_URL: {
    about: 'Origin that people and applications use, when a proxy or a name stands in front',
    default: 'the address listened on',
  },
  PARLEY_TRUSTED_PROXIES: {
    about:
      'Addresses or networks (10.0.0.0/8) of proxies in front, comma-separated; their X-Forwarded-For and -Host are believed',
    default: 'none',
  },
  PARLEY_DATABASE_URL: {
    about: 'Database; SQLite in the data folder when absent (PostgreSQL is not there yet)',
    default: 'SQLite',
  },
  PARLEY_TLS_CERT: { about: 'Certificate chain (PEM file) for https', default: 'made by a local CA in the data folder' },
  PARLEY_TLS_KEY: { about: 'Private key (PEM file) of that certificate', default: 'made with it' },
  PARLEY_DEMO: {
    about: '1 makes the demo tenant when there is no tenant yet, 0 does not',
    default: '1 on a loopback host, else 0',
  },
  PARLEY_DIALIN_TOLL_NUMBER: { about: 'Dial-in number shown (E.164)', default: 'none; the demo shows one reserved for fiction' },
  PARLEY_DIALIN_TOLL_FREE_NUMBER: {
    about: 'Toll-free dial-in number shown (E.164)',
    default: 'none; the demo shows one reserved for fiction',
  },
  PARLEY_TRUSTED_ISSUERS: { about: 'Outside token issuers, JSON: [{"issuer","audience","tenantId"}]', default: 'none' },
  PARLEY_CHAT_FILE_LIMIT: {
    about: 'Largest file the chat takes, in bytes or like 500k, 25M, 1G; 0 takes none',
    default: '25M',
  },
  PARLEY_NOTIFY_PRIVATE: {
    about: '1 lets change notifications go to private and loopback addresses (and to loopback over http), 0 does not',
    default: '0',
  },
  PARLEY_ACCESS_POLICY: {
    about: 'open: an application may act for every user its roles allow; strict: it also needs an application access policy',
    default: 'open',
  },
  PARLEY_EXTENSIONS: {
    about: 'Additions to Graph that are always on, comma-separated: list, upn, ics, idempotency',
    default: 'none; a request asks for them with the header Parley-Extensions',
  },
  PARLEY_GRAPH_LIMIT: { about: 'Graph requests an application may make in 10 seconds', default: '130000' },
  PARLEY_SIGNIN_ISSUERS: {
    about:
      'Outside OpenID providers that sign people in, JSON: [{"name","issuer","clientId","clientSecret","tenantId","claim"?}]',
    default: 'none',
    secret: true,
  },
  PARLEY_METRICS_TOKEN: {
    about: 'Bearer token that opens /metrics from other machines',
    default: 'none: /metrics answers this machine only',
    secret: true,
  },
  PARLEY_AUDIT_DAYS: { about: 'Days after which a row of the audit log is deleted', default: '400' },
  PARLEY_LOG_LEVEL: { about: 'trace, debug, info, warn, error or silent', default: 'info' },
  PARLEY_OPENING: {
    about: 'When people may enter without an organizer: any (always), organizer (never), or minutes before the start',
    default: 'any',
  },
  PARLEY_CAPACITY: { about: 'People in one meeting at once', default: '1000' },
  PARLEY_PURGE_AFTER_DAYS: {
    about: 'Days after its expiry that a meeting is deleted with its chat and attendance',
    default: '30',
  },
  PARLEY_SIP_PORT: {
    about: 'Port the telephone side listens on, UDP and TCP; 0 takes a free one, off turns it off',
    default: '5060 in the demo, else off',
  },
  PARLEY_SIP_TLS_PORT: { about: 'Port for SIP over TLS', default: 'none' },
  PARLEY_SIP_ADDRESS: {
    about: 'Address trunks reach the telephone side at, when behind NAT',
    default: 'the address listened on',
  },
  PARLEY_SIP_MEDIA_PORTS: { about: 'UDP ports for the sound of calls, e.g. 20000-20999', default: 'whatever is free' },
  PARLEY_SIP_TRUNKS: {
    about: 'Who may call, JSON: [{"kind":"address"|"digest"|"registration","name",…}] (packages/sip/README.md)',
    default: 'this machine in the demo, else nobody',
    secret: true,
  },
  PARLEY_SIP_LANGUAGES: {
    about: 'Language by number dialled, e.g. +34910000000=es,+12025550143=en',
    default: 'callers choose by a key',
  },
  PARLEY_SPEECH_COMMAND: {
    about: 'Program that speaks names to callers: text on its stdin, WAV on its stdout, {lang} is en or es; off for none',
    default: 'espeak-ng where it is installed, else a tone',
  },
  PARLEY_DIALIN_LEADER: { about: "1 gives every new meeting a leader's passcode", default: '0' },
  PARLEY_MEDIA_PORT: { about: 'UDP port of the media; 0 takes a free one', default: '8081' },
  PARLEY_MEDIA_WORKERS: {
    about:
      'Processes the meetings are spread over, 1 to 16; each takes a UDP port, from PARLEY_MEDIA_PORT on: 4 need 8081 to 8084 open',
    default: '1',
  },
  PARLEY_MEDIA_ADDRESSES: { about: 'Addresses announced for media, comma-separated', default: 'the address listened on' },
  PARLEY_MEDIA_ICE_SERVERS: {
    about: 'External TURN servers, JSON: [{"urls":[…],"username","credential"}]',
    default: 'none',
    secret: true,
  },
  PARLEY_MEDIA_URL: { about: 'A LiveKit server to use in place of the embedded one', default: 'embedded' },
  PARLEY_MEDIA_KEY: { about: 'API key on that server', default: 'made on first start' },
  PARLEY_MEDIA_SECRET: { about: 'API secret on that server', default: 'made on first start', secret: true },
} satisfies Record<string, SettingDescription>

export type SettingName = keyof typeof settings

/** Whether a setting's value must not be shown. */
export function isSecret(name: SettingName): boolean {
  return (settings[name] as SettingDescription).secret === true
}

/** The settings as the environment has them; empty text counts as absent. Throws SettingError for a name nobody knows. */
export function readEnvironment(environment: Record<string, string | undefined>): Partial<Record<SettingName, string>> {
  const found: Partial<Record<SettingName, string>> = {}
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith('PARLEY_') || value === undefined || value === '') continue
    if (!(name in settings)) throw new SettingError(name, 'is not a setting of Parley; see `parley config --help`')
    found[name as SettingName] = value
  }
  return found
}
