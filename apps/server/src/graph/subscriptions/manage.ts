import { isGuid } from '../../common/guid.ts'
import { GraphError, invalidMember } from '../errors.ts'
import type { GraphContext, GraphRequest, GraphResponse, Operation } from '../operation.ts'
import { readBody } from '../read-body.ts'
import { readEntity } from '../schema/read.ts'
import { answerSubscription, anyPermissions, ownerOf, toGraphError, toShape } from './answer.ts'
import { readExpiration, readUrl } from './input.ts'
import { subscription } from './schema.ts'

const perPage = 100

type Handle = (request: GraphRequest, context: GraphContext, id: string) => Promise<GraphResponse>

const shared = { versions: ['v1.0', 'beta'], permissions: anyPermissions, queryOptions: [] } as const

/** An operation on one subscription of the caller's. */
function onOne(method: Operation['method'], suffix: string, summary: string, handle: Handle): Operation {
  return {
    ...shared,
    method,
    path: `/subscriptions/{subscriptionId}${suffix}`,
    summary,
    handle: async (request, context) => {
      const id = request.keys.subscriptionId!.toLowerCase()
      if (!isGuid(id)) throw new GraphError('subscriptionNotFound')
      try {
        return await handle(request, context, id)
      } catch (error) {
        throw toGraphError(error)
      }
    },
  }
}

/** `GET /subscriptions/{id}`. */
const get = onOne('GET', '', 'Get a subscription', async (request, context, id) =>
  answerSubscription(request, await context.subscriptions.find(ownerOf(request), id), 200),
)

/** `PATCH /subscriptions/{id}`: a new expiry, and perhaps another address. */
const renew = onOne('PATCH', '', 'Renew a subscription', async (request, context, id) => {
  const sent = readEntity(subscription, readBody(request))
  const fixed = (['resource', 'changeType', 'clientState', 'lifecycleNotificationUrl', 'includeResourceData'] as const).find(
    (name) => sent[name] != null,
  )
  if (fixed !== undefined) throw invalidMember(fixed, 'cannot be changed; make a new subscription')
  if (sent.expirationDateTime == null && sent.notificationUrl == null) throw invalidMember('expirationDateTime', 'is required')
  const change = {
    ...(sent.expirationDateTime == null ? {} : { expiresAt: readExpiration(sent.expirationDateTime, context) }),
    ...(sent.notificationUrl == null ? {} : { notificationUrl: readUrl(sent.notificationUrl, 'notificationUrl', context) }),
  }
  return answerSubscription(request, await context.subscriptions.renew(ownerOf(request), id, change), 200)
})

/** `DELETE /subscriptions/{id}`. */
const remove = onOne('DELETE', '', 'End a subscription', async (request, context, id) => {
  await context.subscriptions.remove(ownerOf(request), id)
  return { status: 204 }
})

/** `POST /subscriptions/{id}/reauthorize`: the caller's token shows that it may still watch; the expiry stays. */
const reauthorize = onOne('POST', '/reauthorize', 'Reauthorize a subscription', async (request, context, id) => {
  await context.subscriptions.find(ownerOf(request), id)
  return { status: 204 }
})

/** `GET /subscriptions`. */
const list: Operation = {
  ...shared,
  method: 'GET',
  path: '/subscriptions',
  queryOptions: ['$skiptoken'],
  summary: 'List the subscriptions of the application',
  handle: async (request, context) => {
    const after = Buffer.from(request.query.system.get('$skiptoken') ?? '', 'base64url').toString('latin1')
    const found = await context.subscriptions.store.list(ownerOf(request), { after, limit: perPage + 1 })
    const page = found.slice(0, perPage)
    const base = `${request.origin}/${request.version}`
    const token = Buffer.from(page.at(-1)?.id ?? '').toString('base64url')
    return {
      status: 200,
      body: {
        '@odata.context': `${base}/$metadata#subscriptions`,
        ...(found.length > perPage ? { '@odata.nextLink': `${base}/subscriptions?$skiptoken=${token}` } : {}),
        value: page.map(toShape),
      },
    }
  },
  answer: { status: 200, schema: subscription, collection: true },
}

/** What can be done with subscriptions that exist (contract B.17). */
export const manageSubscriptions: readonly Operation[] = [
  { ...get, answer: { status: 200, schema: subscription } },
  { ...renew, requestBody: subscription, answer: { status: 200, schema: subscription } },
  { ...remove, answer: { status: 204 } },
  { ...reauthorize, answer: { status: 204 } },
  list,
]
