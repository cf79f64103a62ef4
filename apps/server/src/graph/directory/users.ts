import { sql } from 'kysely'
import { isGuid } from '../../common/guid.ts'
import { formatInstant } from '../../common/instant.ts'
import { toUser, type User } from '../../identity/users.ts'
import { GraphError } from '../errors.ts'
import { parseFilter } from '../odata/filter.ts'
import { type FilterColumns, filterSql } from '../odata/filter-sql.ts'
import { afterCursor, nextLink, pageSize, readCursor, readOrder } from '../odata/paging.ts'
import { applySelect, parseSelect } from '../odata/select.ts'
import type { GraphContext, GraphRequest, GraphResponse, Operation } from '../operation.ts'
import { checkDirectoryRole, meetingRoles } from './read-access.ts'
import { userDefaults, user as userSchema } from './schema.ts'

const properties = Object.keys(userSchema.properties)
const roles = ['User.Read.All'] as const
const columns: FilterColumns = {
  id: { column: 'id', kind: 'text' },
  mail: { column: 'mail', kind: 'text' },
  userprincipalname: { column: 'upn', kind: 'text' },
  displayname: { column: 'display_name', kind: 'text' },
  accountenabled: { column: 'enabled', kind: 'boolean' },
  createddatetime: { column: 'created_at', kind: 'instant' },
}
const orders = { displayname: 'display_name', userprincipalname: 'upn_key' }
const limits = { usual: 100, most: 999 }

function toShape(user: User): Record<string, unknown> {
  return {
    businessPhones: [],
    displayName: user.displayName,
    givenName: null,
    jobTitle: null,
    mail: user.mail,
    mobilePhone: null,
    officeLocation: null,
    preferredLanguage: null,
    surname: null,
    userPrincipalName: user.upn,
    id: user.id,
    accountEnabled: user.enabled,
    createdDateTime: formatInstant(user.createdAt),
    userType: 'Member',
  }
}

function selectedOf(request: GraphRequest): string[] | undefined {
  return parseSelect(request.query.system.get('$select'), properties, 'user')
}

function suffixOf(request: GraphRequest): string {
  const selected = selectedOf(request)
  return selected === undefined ? '' : `(${selected.join(',')})`
}

async function list(request: GraphRequest, context: GraphContext): Promise<GraphResponse> {
  checkDirectoryRole(request, context, roles)
  const selected = selectedOf(request) ?? userDefaults
  const text = request.query.system.get('$filter')
  const size = pageSize(request, limits)
  const order = readOrder(request, orders, { column: 'upn_key', descending: false })
  const direction = order.descending ? 'desc' : 'asc'
  let query = context.db
    .selectFrom('users')
    .selectAll()
    .where('tenant_id', '=', request.principal.tenantId)
    .where(afterCursor(order, readCursor(request)))
  if (text !== undefined) query = query.where(filterSql(parseFilter(text), columns))
  const rows = await query
    .orderBy(sql`coalesce(${sql.ref(order.column)}, '')`, direction)
    .orderBy('id', direction)
    .limit(size + 1)
    .execute()
  const page = rows.slice(0, size)
  const last = page.at(-1)
  const cursor = last && { value: order.column === 'upn_key' ? last.upn_key : last.display_name, id: last.id }
  const link = rows.length > size && cursor !== undefined ? nextLink(request, 'users', cursor) : undefined
  return {
    status: 200,
    body: {
      '@odata.context': `${request.origin}/${request.version}/$metadata#users${suffixOf(request)}`,
      ...(link === undefined ? {} : { '@odata.nextLink': link }),
      value: page.map((row) => applySelect(toShape(toUser(row)), selected)),
    },
  }
}

async function get(request: GraphRequest, context: GraphContext): Promise<GraphResponse> {
  const { principal } = request
  const key = request.keys.userId
  if (key === undefined && principal.kind === 'app') throw new GraphError('meNeedsPerson')
  const id = key ?? principal.objectId
  if (key !== undefined) checkDirectoryRole(request, context, roles)
  const found = isGuid(id)
    ? await context.directory.users.find(principal.tenantId, id)
    : await context.directory.users.findByUpn(id)
  const self = found?.id === principal.objectId.toLowerCase()
  if (principal.kind === 'user' && !self && !principal.scopes.has('User.ReadBasic.All'))
    throw new GraphError('insufficientPrivileges', { reason: 'the token lacks the delegated permission User.ReadBasic.All' })
  if (found === undefined || found.tenantId !== principal.tenantId)
    throw new GraphError('resourceNotFound', {
      message: `Resource '${id.slice(0, 200)}' does not exist or one of its queried reference-property objects are not present.`,
    })
  return {
    status: 200,
    body: {
      '@odata.context': `${request.origin}/${request.version}/$metadata#users${suffixOf(request)}/$entity`,
      ...applySelect(toShape(found), selectedOf(request) ?? userDefaults),
    },
  }
}

const shared = { versions: ['v1.0', 'beta'], method: 'GET' } as const

/** `GET /users`, `/users/{id or upn}` and `/me`, as clients of meetings use them (contract D.7). */
export const userOperations: readonly Operation[] = [
  {
    ...shared,
    path: '/users',
    permissions: { application: [...roles, ...meetingRoles], delegated: ['User.ReadBasic.All'] },
    queryOptions: ['$select', '$filter', '$top', '$orderby', '$skiptoken'],
    summary: 'List the people of the tenant',
    answer: { status: 200, schema: userSchema, collection: true },
    handle: list,
  },
  {
    ...shared,
    path: '/users/{userId}',
    permissions: { application: [...roles, ...meetingRoles], delegated: ['User.Read', 'User.ReadBasic.All'] },
    queryOptions: ['$select'],
    summary: 'Get a person of the tenant by object id or upn',
    answer: { status: 200, schema: userSchema },
    handle: get,
  },
  {
    ...shared,
    path: '/me',
    // Applications come in to be told that /me is for people.
    permissions: { application: [...roles, ...meetingRoles], delegated: ['User.Read', 'User.ReadBasic.All'] },
    queryOptions: ['$select'],
    summary: 'Get the person who signed in',
    answer: { status: 200, schema: userSchema },
    handle: get,
  },
]
