import { DoorError } from '../door/client.ts'
import { isKey, type Translate } from './translate.ts'

/** Say in words what the server refused. */
export function sayError(t: Translate, error: unknown): string {
  if (!(error instanceof DoorError)) return t('error.other', { message: error instanceof Error ? error.message : String(error) })
  if (error.status === 429) return t('error.TooManyRequests', { n: error.retryAfter ?? 1 })
  const key = `error.${error.code}`
  return isKey(key) ? t(key) : t('error.other', { message: error.message })
}
