import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { buildApp } from './app.ts'
import { type Config, origins } from './config/config.ts'
import { type Context, closeContext, openContext } from './context.ts'
import { type RunningDialIn, startDialIn } from './dialin/dial-in.ts'
import { noticesOf } from './graph/subscriptions/announce.ts'
import { openCertificates } from './http/certificates.ts'
import { type FrontHandler, freePort, type Listeners, listen } from './http/listen.ts'
import { addresses, type DevFile, devFilePath, makeDemo, writeDevFile } from './identity/demo.ts'
import { startEmbeddedMedia } from './rooms/media/embedded.ts'
import { writeServerAddress } from './server-address.ts'
import { keepPrivate } from './store/private-folder.ts'
import { lockFolder } from './store/sqlite/lock.ts'
import { FanOut } from './subscriptions/fan-out.ts'

export interface RunningServer {
  config: Config
  context: Context
  /** Present when this data folder holds the demo. */
  dev: DevFile | null
  close(): Promise<void>
}

/** Start everything a configuration asks for; the returned server is ready. Throws SettingError, FolderInUseError, NewerSchemaError. */
export async function serve(decided: Config): Promise<RunningServer> {
  mkdirSync(decided.dataFolder, { recursive: true, mode: 0o700 })
  const mended = keepPrivate(decided.dataFolder)
  const lock = lockFolder(decided.dataFolder)
  try {
    return await start(await withRealPorts(decided), lock, mended)
  } catch (error) {
    lock.release()
    throw error
  }
}

async function start(config: Config, lock: { release(): void }, mended: readonly string[]): Promise<RunningServer> {
  const tls = await openCertificates(config)
  const context = await openContext(config)
  let app: FastifyInstance | undefined
  let listeners: Listeners | undefined
  let media: FrontHandler | null = null
  let dialIn: RunningDialIn | null = null
  let audits: NodeJS.Timeout | undefined
  const forgetOldAudit = () => {
    context.audit
      .forget(config.auditDays)
      .catch((error: unknown) => app?.log.error({ err: error }, 'old rows of the audit log were not deleted'))
  }
  let fanOut: FanOut | undefined
  const close = async () => {
    // Before the rooms and the media: callers hear the end.
    await dialIn?.close()
    // Before the media server, which its last rounds still ask.
    await context.rooms.close()
    // Before the listeners: what it still has to report comes in through them.
    await media?.close()
    await listeners?.close()
    await app?.close()
    await context.feed.stop()
    await fanOut?.stop()
    context.chatRecords.stop()
    clearInterval(audits)
    await context.subscriptions.stop()
    await context.nodes.stop()
    await closeContext(context)
    lock.release()
  }
  try {
    if (config.demo && !(await context.directory.tenants.any())) await makeDemo(context.directory, config, tls.caFile)
    app = await buildApp(context)
    for (const line of mended) app.log.warn(line)
    context.rooms.log = app.log
    const failed = (error: unknown) => app?.log.error({ err: error }, 'a change notification failed')
    context.subscriptions.onError = failed
    // Before anything that belongs to a node is written. The lock says that whoever worked on this folder before is gone.
    await context.nodes.start({ alone: true, onError: failed })
    fanOut = announcing(context, failed)
    fanOut.start()
    context.feed.start()
    await context.subscriptions.start()
    media = await startEmbeddedMedia(config, context.rooms.link, app.log)
    listeners = await listen(app, config, tls, media)
    await context.rooms.start()
    dialIn = await startDialIn(config, context, tls, app.log)
    forgetOldAudit()
    audits = setInterval(forgetOldAudit, 86_400_000).unref()
    context.chatRecords.start((error) => app?.log.warn({ err: error }, 'sweeping the files of chats failed'))
    writeServerAddress(config)
    return { config, context, dev: refreshDevFile(config, tls.caFile), close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Change notifications of everything that happens. */
function announcing(context: Context, onError: (error: unknown) => void): FanOut {
  const { db, journal, feed, subscriptions, chatRecords } = context
  return new FanOut({
    ...{ db, journal, feed, store: subscriptions.store, onError },
    noticesOf: (event) => noticesOf(event, context),
    onDeleted: (meetingId) => chatRecords.purged(meetingId),
    onQueued: () => subscriptions.worker.wake(),
  })
}

async function withRealPorts(config: Config): Promise<Config> {
  const port = config.port === 0 ? await freePort(config.host) : config.port
  const httpsPort = config.httpsPort === 0 ? await freePort(config.host) : config.httpsPort
  const sip = config.sip?.port === 0 ? { ...config.sip, port: await freePort(config.host) } : config.sip
  const named = config.publicUrl === config.baseUrl || config.publicUrl === config.httpsBaseUrl ? undefined : config.publicUrl
  return { ...config, sip, ...origins({ host: config.host, port, httpsPort, publicUrl: named }) }
}

/** dev.json, with its addresses brought up to date when the ports have changed since it was made. */
function refreshDevFile(config: Config, caFile: string | null): DevFile | null {
  if (!existsSync(devFilePath(config))) return null
  const stored = JSON.parse(readFileSync(devFilePath(config), 'utf8')) as DevFile
  const current = { ...stored, ...addresses(config, caFile, stored.tenantId) }
  if (JSON.stringify(current) !== JSON.stringify(stored)) writeDevFile(config, current)
  return current
}
