import assert from 'node:assert/strict'
import { Client, type GraphError } from '@microsoft/microsoft-graph-client'
import { Graph, organizedBy } from '../lib/graph.ts'
import { type Issuer, startIssuer } from '../lib/issuer.ts'
import { type Server, type StartOptions, startServer } from '../lib/server.ts'
import { trust } from '../people/lib/visitor.ts'
import { Receiver } from './receiver.ts'

export interface Scene {
  server: Server
  issuer: Issuer
  receiver: Receiver
  close(): Promise<void>
}

/** A server that may tell loopback, an issuer it trusts, and a receiver whose certificate it trusts. */
export async function openScene(env: StartOptions['env'] = { PARLEY_NOTIFY_PRIVATE: '1' }): Promise<Scene> {
  const [issuer, receiver] = await Promise.all([startIssuer(), Receiver.start()])
  const server = await startServer({ env: { ...issuer.env, NODE_EXTRA_CA_CERTS: receiver.caFile, ...env } })
  trust(server.dev)
  const scene: Scene = {
    ...{ server, issuer, receiver },
    close: async () => {
      issuer.close()
      receiver.close()
      await scene.server[Symbol.asyncDispose]()
    },
  }
  return scene
}

/** @microsoft/microsoft-graph-client over https. */
export function clientOf(server: Server, token: string): Client {
  return Client.initWithMiddleware({
    authProvider: { getAccessToken: async () => token },
    baseUrl: `${server.dev.httpsBaseUrl}/`,
    customHosts: new Set([new URL(server.dev.httpsBaseUrl).hostname]),
  })
}

export interface Made {
  /** Today's link, and the thread of its chat. */
  joinWebUrl: string
  chatId: string
  /** The 2018 id. */
  id: string
}

/** A meeting of the demo's first person. */
export async function makeMeeting(server: Server): Promise<Made> {
  const graph = await Graph.of(server)
  const made = await graph.create({ meetingType: 'recurring', participants: organizedBy(server.dev.users[0]!.id) })
  const { threadId } = made.chatInfo as { threadId: string }
  return {
    joinWebUrl: String(made.joinUrl).replace('thread.skype', 'thread.v2'),
    chatId: threadId.replace('thread.skype', 'thread.v2'),
    id: String(made.id),
  }
}

export const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString()

/** A Graph subscription, as answers carry it. */
export interface Subscription {
  id: string
  expirationDateTime: string
  [member: string]: unknown
}

/** The refusal a request meets. */
export async function refusalOf(work: Promise<unknown>): Promise<{ status: number; code: string | null; message: string }> {
  const error = await work.then(
    () => assert.fail('the request was not refused'),
    (problem: GraphError) => problem,
  )
  return { status: error.statusCode, code: error.code, message: error.message }
}
