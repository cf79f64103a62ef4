import { OAuthError, type OAuthErrorCode } from '../oauth-errors.ts'

/** An error as oidc-provider writes it (RFC 6749 section 5.2). */
export interface OidcErrorBody {
  error: string
  error_description?: string
}

const byError: Record<string, OAuthErrorCode> = {
  authorization_pending: 'AADSTS70016',
  expired_token: 'AADSTS70020',
  access_denied: 'AADSTS70018',
  invalid_grant: 'AADSTS70000',
  invalid_scope: 'AADSTS65001',
  invalid_client: 'AADSTS700016',
  unauthorized_client: 'AADSTS700016',
  unsupported_grant_type: 'AADSTS70003',
  invalid_target: 'AADSTS500011',
  invalid_request: 'AADSTS9002313',
}

/** oidc-provider's refusal in Entra's words and numbers (contract D.3); undefined for what is no refusal of the request. */
export function toOAuthError(body: OidcErrorBody, grant: string | null): OAuthError | undefined {
  const code = byError[body.error]
  if (code === undefined) return undefined
  if (code === 'AADSTS9002313' && /code_verifier/.test(body.error_description ?? '')) return new OAuthError('AADSTS50148')
  if (code === 'AADSTS70000' && grant === 'authorization_code') return new OAuthError('AADSTS70008')
  if (code === 'AADSTS9002313' || code === 'AADSTS70000')
    return new OAuthError(code, body.error_description === undefined ? '' : ` (${body.error_description.slice(0, 200)})`)
  return new OAuthError(code)
}
