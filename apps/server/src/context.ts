import { join } from 'node:path'
import { AccessRefusals } from './audit/access-refusals.ts'
import { Audit } from './audit/audit.ts'
import { CallRefusals } from './audit/call-refusals.ts'
import type { ChatAccess } from './chat/chat-access.ts'
import { ChatEvents } from './chat/chat-events.ts'
import { ChatFiles } from './chat/chat-files.ts'
import { ChatManager } from './chat/chat-manager.ts'
import { ChatRecords } from './chat/chat-records.ts'
import { ChatStore } from './chat/chat-store.ts'
import { type Clock, systemClock } from './common/clock.ts'
import { RateLimit } from './common/rate-limit.ts'
import type { Config } from './config/config.ts'
import { Metrics } from './http/metrics.ts'
import { AccessPolicies } from './identity/access-policies.ts'
import { AccessTokens } from './identity/access-tokens.ts'
import { Directory } from './identity/directory.ts'
import { FederatedSignIn } from './identity/federated-sign-in.ts'
import { Consents } from './identity/oidc/consents.ts'
import { OidcProviders } from './identity/oidc/oidc-providers.ts'
import { PasswordSignIn } from './identity/password-sign-in.ts'
import { hashingQueue } from './identity/secret-hash.ts'
import { Sessions } from './identity/session.ts'
import { SigningKeys } from './identity/signing-keys.ts'
import { TokenService } from './identity/token-service.ts'
import { TrustedIssuers } from './identity/trusted-issuers.ts'
import type { AttendanceSource } from './meetings/attendance-source.ts'
import { CallEvents } from './meetings/call-events.ts'
import { MeetingManager } from './meetings/meeting-manager.ts'
import { MeetingStore } from './meetings/meeting-store.ts'
import { Organizers } from './meetings/organizers.ts'
import type { AdmissionStore } from './rooms/admission/admission-store.ts'
import { Rooms } from './rooms/rooms.ts'
import { type Database, openDatabase } from './store/database.ts'
import { Subscriptions } from './subscriptions/subscriptions.ts'

/** Every long-lived object, built once. Each area declares what it needs in an interface of its own, which this has by shape. */
export interface Context {
  config: Config
  clock: Clock
  db: Database
  directory: Directory
  sessions: Sessions
  passwords: PasswordSignIn
  consents: Consents
  oidcProviders: OidcProviders
  federatedSignIn: FederatedSignIn
  audit: Audit
  /** Every origin that is this server. */
  origins: readonly string[]
  signingKeys: SigningKeys
  accessTokens: AccessTokens
  tokenService: TokenService
  meetingStore: MeetingStore
  meetings: MeetingManager
  organizers: Organizers
  callEvents: CallEvents
  chatEvents: ChatEvents
  /** The live side: the door, the media rooms, who is told of what. */
  rooms: Rooms
  admissionStore: AdmissionStore
  /** The door's word on who is in. */
  chatAccess: ChatAccess
  chatStore: ChatStore
  chatFiles: ChatFiles
  chat: ChatManager
  chatRecords: ChatRecords
  subscriptions: Subscriptions
  /** What the door knows of who came; the door sets it. */
  attendance: AttendanceSource
  accessPolicies: AccessPolicies
  accessRefusals: AccessRefusals
  callRefusals: CallRefusals
  graphRateLimit: RateLimit
  metrics: Metrics
}

/** Build everything a decided configuration needs. Close with closeContext. */
export async function openContext(config: Config, clock: Clock = systemClock): Promise<Context> {
  const db = await openDatabase({ path: databasePath(config) })
  const directory = new Directory(db, clock)
  const signingKeys = await SigningKeys.open(signingKeysPath(config))
  const origins = ownOrigins(config)
  const accessTokens = new AccessTokens({
    keys: signingKeys,
    clock,
    issuerBase: config.issuerBase,
    origins,
    trusted: new TrustedIssuers(config.trustedIssuers),
  })
  const sessions = new Sessions(db, clock, config)
  const consents = new Consents(db, clock)
  const meetingStore = new MeetingStore(db)
  const meetings = new MeetingManager(meetingStore, clock, { leader: config.dialin.leader })
  const metrics = new Metrics()
  const callEvents = new CallEvents()
  const chatEvents = new ChatEvents()
  const chatStore = new ChatStore(db)
  const chatFiles = new ChatFiles(join(config.dataFolder, 'chat-files'), config.chatFileLimit)
  meetings.onChange(({ kind }) => metrics.meetings.inc({ kind }))
  const chatRecords = new ChatRecords({ db, store: chatStore, files: chatFiles, clock })
  meetings.onChange(({ kind, meeting }) => {
    // What cannot be removed now is removed by the sweep of the next start.
    if (kind === 'deleted') chatRecords.purged(meeting.id).catch(() => undefined)
  })
  const organizers = new Organizers(directory)
  const hashing = hashingQueue()
  const events = { callEvents, chatEvents }
  const rooms = new Rooms({ config, clock, db, meetings, meetingStore, organizers, ...events, chatRecords, directory })
  return {
    config,
    clock,
    db,
    directory,
    sessions,
    passwords: new PasswordSignIn(directory, clock, hashing),
    consents,
    oidcProviders: new OidcProviders({ db, clock, directory, sessions, consents, keys: signingKeys, tokens: accessTokens }),
    federatedSignIn: new FederatedSignIn(config.signInIssuers),
    audit: new Audit(db, clock),
    origins,
    signingKeys,
    accessTokens,
    tokenService: new TokenService({ directory, tokens: accessTokens, clock, origins, hashing }),
    meetingStore,
    meetings,
    organizers,
    callEvents,
    chatEvents,
    rooms,
    admissionStore: rooms.store,
    chatAccess: rooms.chatAccess,
    chatStore,
    chatFiles,
    chat: new ChatManager({ store: chatStore, files: chatFiles, events: chatEvents, clock }),
    chatRecords,
    subscriptions: new Subscriptions({ db, clock, directory, accessTokens, allowPrivate: config.notifyPrivate }),
    attendance: rooms.attendance,
    accessPolicies: new AccessPolicies(db, clock),
    accessRefusals: new AccessRefusals(db, clock),
    callRefusals: new CallRefusals(db, clock),
    // Graph's published limit is by the 10 seconds (contract C.10).
    graphRateLimit: new RateLimit({ burst: config.graphLimit, perSecond: config.graphLimit / 10, millis: () => clock.millis() }),
    metrics,
  }
}

export async function closeContext(context: Context): Promise<void> {
  await context.accessRefusals.flush().catch(() => undefined)
  await context.db.destroy()
}

const databasePath = (config: Config) => join(config.dataFolder, 'parley.db')
export const signingKeysPath = (config: Config) => join(config.dataFolder, 'signing-keys.json')

/** Every origin that is this server, whichever name a client uses for it. */
function ownOrigins(config: Config): string[] {
  const local = ['localhost', '127.0.0.1', '[::1]'].flatMap((name) => [
    `http://${name}:${config.port}`,
    `https://${name}:${config.httpsPort}`,
  ])
  return [...new Set([config.publicUrl, config.baseUrl, config.httpsBaseUrl, ...local])]
}
