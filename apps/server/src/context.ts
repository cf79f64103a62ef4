import { join } from 'node:path'
import { AccessRefusals } from './audit/access-refusals.ts'
import { Audit } from './audit/audit.ts'
import { CallRefusals } from './audit/call-refusals.ts'
import type { ChatAccess } from './chat/chat-access.ts'
import { ChatFiles } from './chat/chat-files.ts'
import { ChatManager } from './chat/chat-manager.ts'
import { ChatRecords } from './chat/chat-records.ts'
import { ChatStore } from './chat/chat-store.ts'
import { ChatUnits } from './chat/chat-units.ts'
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
import { EventFeed } from './meetings/event-feed.ts'
import type { EventKind } from './meetings/events.ts'
import { Journal } from './meetings/journal.ts'
import { MeetingManager } from './meetings/meeting-manager.ts'
import { MeetingStore } from './meetings/meeting-store.ts'
import { Organizers } from './meetings/organizers.ts'
import type { Roster } from './meetings/roster.ts'
import type { AdmissionStore } from './rooms/admission/admission-store.ts'
import { meetingConsequences } from './rooms/admission/meeting-consequences.ts'
import { Rooms } from './rooms/rooms.ts'
import { type Database, openDatabase } from './store/database.ts'
import { Nodes } from './store/nodes.ts'
import { Subscriptions } from './subscriptions/subscriptions.ts'

/** What commands work with as well as the server: who and what there is, and how it is changed. Nothing here runs. */
export interface BaseContext {
  config: Config
  clock: Clock
  db: Database
  /** What happens in meetings, written down with the change. */
  journal: Journal
  directory: Directory
  sessions: Sessions
  audit: Audit
  /** Every origin that is this server. */
  origins: readonly string[]
  signingKeys: SigningKeys
  accessTokens: AccessTokens
  meetingStore: MeetingStore
  meetings: MeetingManager
  organizers: Organizers
  accessPolicies: AccessPolicies
  accessRefusals: AccessRefusals
}

/** Every long-lived object of a server, built once. Each area declares what it needs in an interface of its own, which this has by shape. */
export interface Context extends BaseContext {
  /** This process among those that work on the database. */
  nodes: Nodes
  /** What happens in meetings, told here. */
  feed: EventFeed
  passwords: PasswordSignIn
  consents: Consents
  oidcProviders: OidcProviders
  federatedSignIn: FederatedSignIn
  tokenService: TokenService
  /** The live side: the door, the media rooms, who is told of what. */
  rooms: Rooms
  admissionStore: AdmissionStore
  roster: Roster
  /** The door's word on who is in. */
  chatAccess: ChatAccess
  chatStore: ChatStore
  chatFiles: ChatFiles
  chat: ChatManager
  chatRecords: ChatRecords
  subscriptions: Subscriptions
  /** What the door knows of who came; the door sets it. */
  attendance: AttendanceSource
  callRefusals: CallRefusals
  graphRateLimit: RateLimit
  metrics: Metrics
}

/** Build what a command needs, whether or not a server works on the same folder. Close with closeContext. */
export async function openBaseContext(config: Config, clock: Clock = systemClock): Promise<BaseContext> {
  const db = await openDatabase({ path: databasePath(config) })
  const journal = new Journal(db)
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
  const meetingStore = new MeetingStore(db, journal)
  return {
    config,
    clock,
    db,
    journal,
    directory,
    sessions: new Sessions(db, clock, config),
    audit: new Audit(db, clock),
    origins,
    signingKeys,
    accessTokens,
    meetingStore,
    meetings: new MeetingManager(meetingStore, clock, {
      leader: config.dialin.leader,
      consequences: meetingConsequences(db),
    }),
    organizers: new Organizers(directory),
    accessPolicies: new AccessPolicies(db, clock),
    accessRefusals: new AccessRefusals(db, clock),
  }
}

/** Build everything a decided configuration needs. Close with closeContext. */
export async function openContext(config: Config, clock: Clock = systemClock): Promise<Context> {
  const base = await openBaseContext(config, clock)
  const { db, journal, directory, sessions, signingKeys, accessTokens, origins, meetings, meetingStore, organizers } = base
  const nodes = new Nodes(db, clock)
  const nodeId = nodes.id
  const feed = new EventFeed({ db, journal, onError: (error) => rooms.log.warn({ err: error }, 'events could not be read') })
  const consents = new Consents(db, clock)
  const hashing = hashingQueue()
  const metrics = new Metrics()
  journal.onCommit(({ events }) => {
    for (const { kind } of events) countChange(metrics, kind)
  })
  const chatStore = new ChatStore(db)
  const chatFiles = new ChatFiles(join(config.dataFolder, 'chat-files'), config.chatFileLimit)
  const chatRecords = new ChatRecords({ db, store: chatStore, files: chatFiles, clock })
  const rooms: Rooms = new Rooms({
    ...{ config, clock, db, journal, feed, nodeId, meetings, meetingStore, organizers, chatStore, chatRecords, directory },
  })
  return {
    ...base,
    nodes,
    feed,
    passwords: new PasswordSignIn(directory, clock, hashing),
    consents,
    oidcProviders: new OidcProviders({ db, clock, directory, sessions, consents, keys: signingKeys, tokens: accessTokens }),
    federatedSignIn: new FederatedSignIn(config.signInIssuers),
    tokenService: new TokenService({ directory, tokens: accessTokens, clock, origins, hashing }),
    rooms,
    admissionStore: rooms.store,
    roster: rooms.store,
    chatAccess: rooms.chatAccess,
    chatStore,
    chatFiles,
    chat: new ChatManager({ store: chatStore, units: new ChatUnits(db, journal), files: chatFiles, clock }),
    chatRecords,
    subscriptions: new Subscriptions({ db, clock, directory, accessTokens, nodeId, allowPrivate: config.notifyPrivate }),
    attendance: rooms.attendance,
    callRefusals: new CallRefusals(db, clock),
    // Graph's published limit is by the 10 seconds (contract C.10).
    graphRateLimit: new RateLimit({ burst: config.graphLimit, perSecond: config.graphLimit / 10, millis: () => clock.millis() }),
    metrics,
  }
}

const countedChanges: Partial<Record<EventKind, string>> = {
  meetingCreated: 'created',
  meetingUpdated: 'updated',
  meetingDeleted: 'deleted',
}

function countChange(metrics: Metrics, event: EventKind): void {
  const kind = countedChanges[event]
  if (kind !== undefined) metrics.meetings.inc({ kind })
}

export async function closeContext(context: Pick<BaseContext, 'db' | 'accessRefusals'>): Promise<void> {
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
