import type { GraphVersion, Operation } from '../operation.ts'
import { Components } from './components.ts'

type Json = Record<string, unknown>

const optionSchemas: Record<string, Json> = {
  $select: { type: 'string', description: 'Names of properties, comma-separated' },
  $filter: { type: 'string', description: 'One comparison; see docs/api-coverage.md' },
  $top: { type: 'integer', minimum: 1, maximum: 999 },
  $orderby: { type: 'string' },
  $skiptoken: { type: 'string', description: 'Opaque; from @odata.nextLink' },
  $expand: { type: 'string' },
  $search: { type: 'string' },
  $count: { type: 'boolean' },
}

const headers: Record<string, Json> = {
  'client-request-id': { description: 'Repeated in the answer', schema: { type: 'string' } },
  Prefer: { description: 'include-unknown-enum-members, return=minimal', schema: { type: 'string' } },
  'Accept-Language': { description: 'Language of joinInformation: es or en', schema: { type: 'string' } },
  'If-Match': { description: 'The ETag the change expects; an addition of ours', schema: { type: 'string' } },
  'Parley-Extensions': { description: 'Additions to use: list, upn, ics, idempotency', schema: { type: 'string' } },
}

const refusals: Record<string, string> = {
  400: 'The request is not valid; `error.target` names the member where there is one',
  401: 'No access token, or one that is not valid',
  403: 'The token may not do this',
  404: 'There is no such thing',
  406: 'The client accepts nothing the operation can write',
  429: 'Too many requests; `Retry-After` says when to try again',
}
const writeRefusals: Record<string, string> = {
  409: 'The change contradicts something stored',
  412: 'The meeting has changed since it was read',
  413: 'The body is larger than 1 MiB',
  415: 'The body is not application/json',
}

/** The OpenAPI 3.1 document of a list of operations, made of the schemas that validate. */
export function openApiDocument(operations: readonly Operation[], origin: string): Json {
  const components = new Components()
  const paths: Record<string, Record<string, Json>> = {}
  // Today's types take the plain names; those of 2018 that differ get a suffix.
  const today = operations.filter((operation) => !is2018(operation))
  for (const operation of [...today, ...operations.filter(is2018)])
    for (const version of operation.versions) {
      const path = `/${version}${operation.path}`
      paths[path] ??= {}
      paths[path][operation.method.toLowerCase()] = describe(operation, version, components)
    }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Parley',
      version: '0.1.0',
      description: 'Online meetings in the words of Microsoft Graph: /beta/app of December 2018, and /v1.0 and /beta of today.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    servers: [{ url: origin }],
    security: [{ bearer: [] }],
    tags: [...new Set(operations.map(tagOf))].sort().map((name) => ({ name })),
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: `A token of ${origin}/{tenant}/oauth2/v2.0/token for https://graph.microsoft.com/.default`,
        },
      },
      responses: { error: { description: 'A refusal', content: { 'application/json': { schema: errorSchema } } } },
      parameters: Object.fromEntries(Object.entries(headers).map(([name, rest]) => [name, { name, in: 'header', ...rest }])),
      schemas: components.schemas,
    },
  }
}

const is2018 = ({ path, versions, answer, requestBody }: Operation) =>
  versions.every((version) => version === 'beta') &&
  /^\/(app|applications\/\{applicationId\})\//.test(path) &&
  !(answer?.collection === true && requestBody === undefined)

function describe(operation: Operation, version: GraphVersion, components: Components): Json {
  const { method, path, permissions, answer, requestBody, summary } = operation
  const variant = is2018(operation) ? '2018' : ''
  const writes = method !== 'GET'
  const keys = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  const options = [...operation.queryOptions, ...(operation.extendedQueryOptions ?? [])].map((name) => ({
    name,
    in: 'query',
    schema: optionSchemas[name] ?? { type: 'string' },
  }))
  const used = ['client-request-id', 'Prefer', 'Accept-Language', 'Parley-Extensions', ...(writes ? ['If-Match'] : [])]
  const status = String(answer?.status ?? 200)
  return {
    operationId: `${version}_${method.toLowerCase()}${path.replace(/[^A-Za-z0-9]+/g, '_')}`.replace(/_$/, ''),
    summary,
    tags: [tagOf(operation)],
    ...(operation.anonymous === true ? { security: [] } : { description: permissionsText(permissions) }),
    ...(operation.extension === undefined ? {} : { 'x-parley-extension': operation.extension }),
    parameters: [...keys, ...options, ...used.map((name) => ({ $ref: `#/components/parameters/${name}` }))],
    ...(requestBody === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: components.convert(requestBody, variant) } },
          },
        }),
    responses: {
      [status]: success(operation, components, variant),
      ...(status === '200' && path.endsWith('/createOrGet') ? { 201: success(operation, components, variant) } : {}),
      ...Object.fromEntries(
        Object.entries({ ...refusals, ...(writes ? writeRefusals : {}) }).map(([code, description]) => [
          code,
          { description, content: { 'application/json': { schema: errorSchema } } },
        ]),
      ),
      ...(writes && status !== '204' ? { 204: { description: 'Done; the client asked for `Prefer: return=minimal`' } } : {}),
    },
  }
}

function success({ answer, produces, summary }: Operation, components: Components, variant: string): Json {
  if (answer?.status === 204) return { description: 'Done' }
  const item = answer?.schema === undefined ? { type: 'object' } : components.convert(answer.schema, variant)
  const schema =
    answer?.collection === true
      ? {
          type: 'object',
          required: ['value'],
          properties: {
            '@odata.context': { type: 'string' },
            '@odata.nextLink': { type: 'string' },
            value: { type: 'array', items: item },
          },
        }
      : item
  const types = produces ?? []
  const json = types.length > 0 && answer?.schema === undefined ? {} : { 'application/json': { schema } }
  return {
    description: summary,
    content: { ...json, ...Object.fromEntries(types.map((type) => [type, { schema: { type: 'string' } }])) },
  }
}

function permissionsText({ application, delegated }: Operation['permissions']): string {
  const list = (names: readonly string[]) => (names.length === 0 ? 'not supported' : names.join(' or '))
  return `Application permission: ${list(application)}. Delegated permission: ${list(delegated)}.`
}

function tagOf({ path }: Operation): string {
  const named = path.split('/').filter((segment) => segment !== '' && !segment.startsWith('{'))
  return named.includes('onlineMeetings') ? 'onlineMeetings' : (named[0] ?? 'service')
}

const errorSchema: Json = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message', 'innerError'],
      properties: {
        code: { type: 'string' },
        message: { type: 'string' },
        target: { type: 'string' },
        innerError: {
          type: 'object',
          properties: {
            date: { type: 'string' },
            'request-id': { type: 'string' },
            'client-request-id': { type: 'string' },
            message: { type: 'string' },
            code: { type: 'string' },
          },
        },
      },
    },
  },
}
