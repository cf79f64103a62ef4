import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** The content of `<data>/dev.json`. */
export interface Dev {
  baseUrl: string
  httpsBaseUrl: string
  caFile: string
  tenantId: string
  tokenUrl: string
  clientId: string
  clientSecret: string
  users: { id: string; upn: string; displayName: string; password: string }[]
}

export interface Server {
  url: string
  dev: Dev
  dataFolder: string
  child: ChildProcess
  /** Everything printed so far. */
  output(): { stdout: string; stderr: string }
  /** Stop as an administrator would; resolves to the exit status. */
  stop(): Promise<number | null>
  /** SIGKILL. */
  kill(): Promise<void>
  /** Start again on the same folder and the same ports. */
  restart(): Promise<Server>
  [Symbol.asyncDispose](): Promise<void>
}

export interface StartOptions {
  env?: Record<string, string>
  dataFolder?: string
  /** What Node is given to run; the checkout's server when left out. */
  program?: string[]
}

/** Start the server as `npm start` does, on free ports of loopback in a folder of its own, and wait until it is ready. */
export async function startServer(options: StartOptions = {}): Promise<Server> {
  const ownFolder = options.dataFolder === undefined
  const dataFolder = options.dataFolder ?? mkdtempSync(join(tmpdir(), 'parley-'))
  const env = {
    ...withoutSettings(process.env),
    PARLEY_PORT: '0',
    PARLEY_HTTPS_PORT: '0',
    PARLEY_MEDIA_PORT: '0',
    PARLEY_SIP_PORT: 'off',
    PARLEY_LOG_LEVEL: 'warn',
    ...options.env,
    PARLEY_DATA: dataFolder,
  }
  const program = options.program ?? [join(root, 'apps/server/src/main.ts')]
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...program], { cwd: root, env })
  const printed = { stdout: '', stderr: '' }
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    printed.stderr += text
  })
  const exited = once(child, 'exit')
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      printed.stdout += `${line}\n`
      const ready = /^Parley is ready: (\S+)$/.exec(line)
      if (ready !== null) resolve(ready[1]!)
    })
    exited.then(([code]) => reject(new Error(`the server ended with status ${code}: ${printed.stderr}`)), reject)
  })
  const dev = readDev(dataFolder)
  // A server that ends when nobody asked it to: what it said last tells why the test fails.
  exited.then(([code, signal]) => {
    if (code !== 0 && child.signalCode === null)
      console.error(`the server ended with ${signal ?? code}: ${printed.stderr.slice(-4_000)}`)
  })
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    await exited
    return child.exitCode
  }
  return {
    url,
    dev,
    dataFolder,
    child,
    output: () => printed,
    stop,
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
    restart: async () => {
      await stop()
      const ports = { PARLEY_PORT: new URL(dev.baseUrl).port, PARLEY_HTTPS_PORT: new URL(dev.httpsBaseUrl).port }
      return startServer({ ...options, dataFolder, env: { ...options.env, ...ports } })
    },
    [Symbol.asyncDispose]: async () => {
      await stop()
      if (ownFolder) rmSync(dataFolder, { recursive: true, force: true })
    },
  }
}

/**
 * A server that others may be using at this moment: the runner's, which TEST_SERVER describes, or without one a server of
 * this process. For tests that neither end it nor count what is on it.
 */
export async function sharedServer(): Promise<Server> {
  if (process.env.TEST_SERVER === undefined) return startServer()
  const { url, dataFolder } = JSON.parse(process.env.TEST_SERVER) as { url: string; dataFolder: string }
  const refuse = () => {
    throw new Error('this server is used by others too: take startServer()')
  }
  return {
    ...{ url, dataFolder, dev: readDev(dataFolder) },
    get child(): ChildProcess {
      return refuse()
    },
    ...{ output: refuse, stop: refuse, kill: refuse, restart: refuse },
    [Symbol.asyncDispose]: async () => {},
  }
}

function readDev(dataFolder: string): Dev {
  try {
    return JSON.parse(readFileSync(join(dataFolder, 'dev.json'), 'utf8')) as Dev
  } catch {
    // Servers started without the demo have none; their tests do not look at it.
    return {} as Dev
  }
}

function withoutSettings(environment: NodeJS.ProcessEnv): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('PARLEY_')))
}

/** An app-only token by the client credentials of dev.json. */
export async function appToken(dev: Dev): Promise<string> {
  const response = await fetch(dev.tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: dev.clientId,
      client_secret: dev.clientSecret,
      scope: 'https://graph.microsoft.com/.default',
    }),
  })
  const answer = (await response.json()) as { access_token?: string }
  if (answer.access_token === undefined) throw new Error(`no token: ${JSON.stringify(answer)}`)
  return answer.access_token
}
