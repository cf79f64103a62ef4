import { ClientSecretCredential } from '@azure/identity'
import { AzureIdentityAuthenticationProvider } from '@microsoft/kiota-authentication-azure'
import type { Dev } from '../../lib/server.ts'

/** The credential and authentication provider the documentation of the typed SDKs shows, pointed at this server. */
export function kiotaAuthentication(dev: Dev): AzureIdentityAuthenticationProvider {
  const credential = new ClientSecretCredential(dev.tenantId, dev.clientId, dev.clientSecret, {
    authorityHost: dev.httpsBaseUrl,
    disableInstanceDiscovery: true,
  })
  return new AzureIdentityAuthenticationProvider(credential, [], undefined, new Set([new URL(dev.httpsBaseUrl).hostname]))
}
