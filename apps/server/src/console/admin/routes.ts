import type { FastifyInstance } from 'fastify'
import type { ConsoleContext } from '../console-context.ts'
import { signedIn } from '../page-request.ts'
import {
  addCertificate,
  addSecret,
  changeApplication,
  createApplication,
  deleteApplication,
  deleteCredential,
  listApplications,
  showApplication,
} from './applications.ts'
import { clearRefusals, showAudit, showDeliveries, showRefusals, showSettings } from './logs.ts'
import { cancelMeeting, exportMeeting, listMeetings } from './meetings.ts'
import { showOverview } from './overview.ts'
import { deletePolicy, grantPolicy, revokePolicy, setPolicy, showPolicies } from './policies.ts'
import { changeUser, createUser, deleteUser, eraseUser, listUsers, setPassword, showUser, withdrawConsent } from './users.ts'

/** `/admin`: what the administrators of a tenant do with it. Nothing of another tenant can be seen or changed here. */
export async function adminRoutes(app: FastifyInstance, context: ConsoleContext): Promise<void> {
  const { get, post } = signedIn(app, context, { admin: true })
  get('/admin', showOverview)
  get('/admin/users', listUsers)
  post('/admin/users', createUser)
  get('/admin/users/:id', showUser)
  post('/admin/users/:id', changeUser)
  post('/admin/users/:id/password', setPassword)
  post('/admin/users/:id/consents', withdrawConsent)
  post('/admin/users/:id/erase', eraseUser)
  post('/admin/users/:id/delete', deleteUser)
  get('/admin/applications', listApplications)
  post('/admin/applications', createApplication)
  get('/admin/applications/:id', showApplication)
  post('/admin/applications/:id', changeApplication)
  post('/admin/applications/:id/secrets', addSecret)
  post('/admin/applications/:id/certificates', addCertificate)
  post('/admin/applications/:id/credentials/:credential/delete', deleteCredential)
  post('/admin/applications/:id/delete', deleteApplication)
  get('/admin/policies', showPolicies)
  post('/admin/policies', setPolicy)
  post('/admin/policies/delete', deletePolicy)
  post('/admin/policies/grant', grantPolicy)
  post('/admin/policies/revoke', revokePolicy)
  get('/admin/meetings', listMeetings)
  get('/admin/meetings/:id/export.json', exportMeeting)
  post('/admin/meetings/:id/cancel', cancelMeeting)
  get('/admin/refusals', showRefusals)
  post('/admin/refusals/clear', clearRefusals)
  get('/admin/deliveries', showDeliveries)
  get('/admin/settings', showSettings)
  get('/admin/audit', showAudit)
}
