import { formatInstant } from '../../common/instant.ts'
import { GraphError } from '../errors.ts'
import { applySelect, parseSelect } from '../odata/select.ts'
import type { GraphContext, GraphRequest, GraphResponse, Operation } from '../operation.ts'
import { checkDirectoryRole, meetingRoles } from './read-access.ts'
import { application as applicationSchema, organization as organizationSchema } from './schema.ts'

async function getOrganization(request: GraphRequest, context: GraphContext): Promise<GraphResponse> {
  checkDirectoryRole(request, context, ['Organization.Read.All'])
  const { tenantId } = request.principal
  const tenant = await context.directory.tenants.find(tenantId)
  const id = request.keys.organizationId
  if (tenant === undefined || (id !== undefined && id.toLowerCase() !== tenant.id)) throw new GraphError('resourceNotFound')
  const selected = parseSelect(request.query.system.get('$select'), Object.keys(organizationSchema.properties), 'organization')
  const entity = applySelect(
    {
      id: tenant.id,
      displayName: tenant.displayName,
      createdDateTime: formatInstant(tenant.createdAt),
      tenantType: 'AAD',
      verifiedDomains: [{ name: tenant.domain, isDefault: true, isInitial: true, type: 'Managed', capabilities: '' }],
    },
    selected,
  )
  const source = `${request.origin}/${request.version}/$metadata#organization`
  if (id !== undefined) return { status: 200, body: { '@odata.context': `${source}/$entity`, ...entity } }
  return { status: 200, body: { '@odata.context': source, value: [entity] } }
}

/** The token's own application, always; others with Application.Read.All. */
async function getApplication(request: GraphRequest, context: GraphContext): Promise<GraphResponse> {
  const { principal } = request
  const id = request.keys.applicationId ?? request.parameters.appId ?? ''
  const found = await context.directory.applications.find(id)
  if (found === undefined || found.tenantId !== principal.tenantId) throw new GraphError('applicationNotFound')
  if (found.clientId !== principal.appId.toLowerCase() && !principal.roles.has('Application.Read.All'))
    throw new GraphError('insufficientPrivileges', { reason: 'the token lacks the role Application.Read.All' })
  const selected = parseSelect(request.query.system.get('$select'), Object.keys(applicationSchema.properties), 'application')
  return {
    status: 200,
    body: {
      '@odata.context': `${request.origin}/${request.version}/$metadata#applications/$entity`,
      ...applySelect(
        {
          id: found.id,
          appId: found.clientId,
          displayName: found.displayName,
          createdDateTime: formatInstant(found.createdAt),
          signInAudience: 'AzureADMyOrg',
        },
        selected,
      ),
    },
  }
}

const organization = {
  versions: ['v1.0', 'beta'],
  method: 'GET',
  permissions: { application: ['Organization.Read.All', ...meetingRoles], delegated: ['User.Read'] },
  queryOptions: ['$select'],
  handle: getOrganization,
} as const

const application = {
  versions: ['v1.0', 'beta'],
  method: 'GET',
  permissions: { application: [], delegated: [] },
  unrestricted: true,
  queryOptions: ['$select'],
  answer: { status: 200, schema: applicationSchema },
  handle: getApplication,
} as const

/** `GET /organization` and `/applications/{id}`. */
export const tenantOperations: readonly Operation[] = [
  {
    ...organization,
    path: '/organization',
    summary: 'The tenant of the token, as a collection of one',
    answer: { status: 200, schema: organizationSchema, collection: true },
  },
  {
    ...organization,
    path: '/organization/{organizationId}',
    summary: 'The tenant of the token',
    answer: { status: 200, schema: organizationSchema },
  },
  { ...application, path: '/applications/{applicationId}', summary: 'An application by object id or client id' },
  { ...application, path: '/applications', summary: "An application by its alternate key: applications(appId='…')" },
]
