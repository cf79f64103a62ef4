import { errors } from 'jose'

/** Why a token was refused; the texts are Graph's (contract B.19). */
export class TokenError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'TokenError'
  }
}

/** Graph's words for what jose found wrong. */
export function toTokenError(error: unknown): TokenError {
  if (error instanceof TokenError) return error
  if (error instanceof errors.JWTExpired) return new TokenError('Lifetime validation failed, the token is expired.')
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'aud')
    return new TokenError('Access token validation failure. Invalid audience.')
  if (error instanceof errors.JWTClaimValidationFailed)
    return new TokenError(`Access token validation failure. Invalid ${error.claim}.`)
  return new TokenError('Access token validation failure. Invalid signature.')
}
