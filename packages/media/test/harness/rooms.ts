import {
  type JoinResponse,
  type ParticipantInfo,
  SessionDescription,
  SignalRequest,
  SignalResponse,
  WebhookEvent,
} from '@livekit/protocol'
import { createCertificate } from '../../src/peer/certificate.ts'
import type { JoinInit } from '../../src/room/join-init.ts'
import { readGrants } from '../../src/token/grants.ts'
import type { FromWorker, WorkerSettings } from '../../src/workers/wire.ts'
import { Worker } from '../../src/workers/worker.ts'

export type ClientMessage = NonNullable<NonNullable<ConstructorParameters<typeof SignalRequest>[0]>['message']>

/** The rooms of a worker, in this process: clients speak to it by messages, and no media is ever connected. */
export class RoomsUnderTest {
  readonly worker: Worker
  told: FromWorker[] = []
  #sessions = 0
  #calls = 0

  private constructor(worker: Worker) {
    this.worker = worker
  }

  static async start(settings: Partial<WorkerSettings> = {}): Promise<RoomsUnderTest> {
    const all: WorkerSettings = {
      certificate: createCertificate(),
      udpHost: '127.0.0.1',
      udpPort: 0,
      announcedAddresses: ['127.0.0.1'],
      iceServers: [],
      remoteUnmute: false,
      subscriptionPermissions: true,
      ...settings,
    }
    let rooms: RoomsUnderTest | undefined
    const worker = await Worker.start(all, (message) => rooms?.told.push(message))
    rooms = new RoomsUnderTest(worker)
    return rooms
  }

  /** Somebody joins, in two-connection mode unless `init` says otherwise; returns the session. */
  join(room: string, identity: string, video: Record<string, unknown> = {}, init: Partial<JoinInit> = {}): string {
    const session = `s${this.#sessions++}`
    this.worker.handle({
      kind: 'join',
      session,
      room,
      init: {
        grants: readGrants('key', { sub: identity, video: { roomJoin: true, room, ...video } }),
        singleConnection: false,
        autoSubscribe: true,
        reconnect: false,
        subscriberAllowPause: true,
        clientProtocol: 0,
        publisherOffer: undefined,
        addTracks: [],
        ...init,
      },
    })
    return session
  }

  send(session: string, message: ClientMessage): void {
    this.worker.handle({ kind: 'signal', session, data: new SignalRequest({ message }).toBinary() })
  }

  offer(session: string, sdp: string): void {
    this.send(session, { case: 'offer', value: new SessionDescription({ type: 'offer', sdp, id: 1 }) })
  }

  leave(session: string): void {
    this.worker.handle({ kind: 'signal', session, data: new SignalRequest({ message: { case: 'leave', value: {} } }).toBinary() })
  }

  /** Calls a RoomService method; returns the reply's bytes, or the code of the failure. */
  call(method: string, request: { toBinary(): Uint8Array }): Uint8Array | string {
    const id = ++this.#calls
    this.worker.handle({ kind: 'call', id, method, room: '', body: request.toBinary() })
    const answer = this.told.findLast((message) => (message.kind === 'reply' || message.kind === 'failure') && message.id === id)
    return answer?.kind === 'reply' ? answer.body : answer?.kind === 'failure' ? answer.code : 'no answer'
  }

  answers(session: string): SignalResponse[] {
    return this.told.flatMap((message) =>
      message.kind === 'signal' && message.session === session ? [SignalResponse.fromBinary(message.data)] : [],
    )
  }

  /** The answers of one kind to a session. */
  only<K extends SignalResponse['message']['case']>(session: string, kind: K) {
    return this.answers(session).flatMap(({ message }) =>
      message.case === kind ? [message.value as Extract<SignalResponse['message'], { case: K }>['value']] : [],
    )
  }

  joined(session: string): JoinResponse {
    return this.only(session, 'join')[0]!
  }

  /** Everybody else as the session was told of them last, by identity. */
  people(session: string): Map<string, ParticipantInfo> {
    const people = new Map<string, ParticipantInfo>()
    for (const { message } of this.answers(session)) {
      const told =
        message.case === 'join' ? message.value.otherParticipants : message.case === 'update' ? message.value.participants : []
      for (const person of told) people.set(person.identity, person)
    }
    return people
  }

  /** Names of the webhook events of a room, in order. */
  events(room: string): string[] {
    return this.told.flatMap((message) =>
      message.kind === 'event' && message.room === room ? [WebhookEvent.fromBinary(message.body).event] : [],
    )
  }

  isEnded(session: string): boolean {
    return this.told.some((message) => message.kind === 'end' && message.session === session)
  }

  stop(): void {
    this.worker.handle({ kind: 'stop' })
  }
}
