import { join } from 'node:path'
import { type Call, createSipServer, refusals, type SipServer } from '@parley/sip'
import { DialIn } from '@parley/sip/dial-in'
import type { FastifyBaseLogger } from 'fastify'
import type { CallRefusals } from '../audit/call-refusals.ts'
import type { Clock } from '../common/clock.ts'
import type { Config } from '../config/config.ts'
import { SettingError } from '../config/settings.ts'
import type { TlsFiles } from '../http/certificates.ts'
import type { Metrics } from '../http/metrics.ts'
import type { MeetingStore } from '../meetings/meeting-store.ts'
import type { Rooms } from '../rooms/rooms.ts'
import type { Database } from '../store/database.ts'
import { CallMemories } from './call-memory.ts'
import { TelephoneDoor } from './phone-door.ts'
import { Speaker } from './speech/speaker.ts'
import { findSpeechCommand } from './speech/speech-engine.ts'

export interface RunningDialIn {
  /** `udp` and `tcp` share a port. */
  port: number
  close(): Promise<void>
}

/** What the telephone side needs of the server. */
export interface DialInContext {
  clock: Clock
  db: Database
  rooms: Rooms
  meetingStore: MeetingStore
  callRefusals: CallRefusals
  metrics: Metrics
}

/** Answer the telephone, when the settings say so. Throws SettingError when a port is taken. */
export async function startDialIn(
  config: Config,
  context: DialInContext,
  tls: TlsFiles,
  log: FastifyBaseLogger,
): Promise<RunningDialIn | null> {
  const { sip } = config
  if (sip === null) return null
  const door = new TelephoneDoor({
    rooms: context.rooms,
    meetingStore: context.meetingStore,
    clock: context.clock,
    origin: config.baseUrl,
    speaker: new Speaker(sip.speech === 'installed' ? findSpeechCommand() : sip.speech, log),
    onGuess: (outcome) => context.metrics.passcodeTries.inc({ outcome }),
  })
  let opening: Promise<DialIn> | undefined
  const open = () =>
    DialIn.open({
      door,
      languageOf: (dialled) => sip.languages[dialled.replace(/[\s().-]/g, '')],
      fault: (error) => log.error({ err: error }, 'the dial-in failed'),
    })
  let isClosing = false
  const take = (call: Call) => {
    if (isClosing) {
      call.refuse(503, 'shutting-down')
      return
    }
    // The bridge to the room loads a native library: the first call brings it, not every start.
    opening ??= open()
    opening.then(
      (dialIn) => dialIn.take(call),
      (error) => {
        log.error({ err: error }, 'the dial-in could not be opened')
        opening = undefined
        call.refuse(503, 'internal')
      },
    )
  }
  const memories = new CallMemories(join(config.dataFolder, 'calls.json'), (error) =>
    log.error({ err: error }, 'the calls that are up could not be written down'),
  )
  const server = await bind(config, log, {
    listen: { address: config.host, udp: sip.port, tcp: sip.port, ...(sip.tlsPort === null ? {} : { tls: sip.tlsPort }) },
    ...(sip.tlsPort === null ? {} : { tls: { cert: tls.cert, key: tls.key } }),
    ...(sip.publicAddress === null ? {} : { publicAddress: sip.publicAddress }),
    ...(sip.mediaPorts === null ? {} : { mediaPorts: sip.mediaPorts }),
    trunks: sip.trunks,
    lost: memories.lost(),
    onCall: take,
  })
  if (server === null) return null
  const remember = () => memories.changed(() => server.memories)
  server.events.on('callAnswered', remember)
  server.events.on('callEnded', remember)
  report(server, context, log)
  const close = async () => {
    isClosing = true
    await opening?.then(
      (dialIn) => dialIn.close(),
      () => undefined,
    )
    await server.close()
    memories.clear()
    await door.close()
  }
  return { port: sip.port, close }
}

/** The demo goes without its telephone where another program has the port. */
async function bind(
  config: Config,
  log: FastifyBaseLogger,
  options: Parameters<typeof createSipServer>[0],
): Promise<SipServer | null> {
  try {
    return await createSipServer(options)
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === 'EADDRINUSE' && config.sip?.required === false) {
      log.info({ port: config.sip.port }, 'the port for calls is in use by another program; going without')
      return null
    }
    if (code === 'EADDRINUSE') throw new SettingError('PARLEY_SIP_PORT', `${config.sip?.port} is in use by another program`)
    if (code === 'EACCES') throw new SettingError('PARLEY_SIP_PORT', `${config.sip?.port} may not be used by this user`)
    throw error
  }
}

/** What happens on the telephone, for the log, the metrics and the administrator's page. Never a digit, never a whole number in the log. */
function report(server: SipServer, context: DialInContext, log: FastifyBaseLogger): void {
  const { events } = server
  events.on('refused', ({ code, status, source, protocol, caller, dialled, callId }) => {
    context.metrics.calls.inc({ outcome: code })
    log.warn({ code, status, source, protocol, dialled, callId }, `call refused: ${refusals[code][1]}`)
    context.callRefusals
      .add({ code, reason: refusals[code][1], status, source, protocol, caller, dialled })
      .catch((error: unknown) => log.error({ err: error }, 'a refused call could not be noted'))
  })
  events.on('callAnswered', ({ id, codec, srtp, setupMs }) => log.info({ id, codec, srtp, setupMs }, 'call answered'))
  events.on('callEnded', ({ id, code, durationMs }) => {
    context.metrics.calls.inc({ outcome: code })
    log.info({ id, code, durationMs }, 'call ended')
  })
  events.on('registration', ({ trunk, state, code }) => log.info({ trunk, state, code }, 'trunk registration'))
  events.on('flood', ({ source }) => log.warn({ source }, 'too many SIP packets from one address'))
  events.on('fault', (error) => log.error({ err: error }, 'the telephone side failed'))
}
