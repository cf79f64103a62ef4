import type { AccessRefusals } from '../audit/access-refusals.ts'
import type { Clock } from '../common/clock.ts'
import type { Config } from '../config/config.ts'
import type { AccessTokens } from './access-tokens.ts'
import type { Directory } from './directory.ts'
import type { OidcProviders } from './oidc/oidc-providers.ts'
import type { Sessions } from './session.ts'
import type { SigningKeys } from './signing-keys.ts'
import type { TokenService } from './token-service.ts'

/** What the routes of sign-in for applications need of the server. */
export interface IdentityContext {
  config: Config
  clock: Clock
  directory: Directory
  sessions: Sessions
  oidcProviders: OidcProviders
  accessTokens: AccessTokens
  tokenService: TokenService
  signingKeys: SigningKeys
  accessRefusals: AccessRefusals
  /** Every origin that is this server. */
  origins: readonly string[]
}
