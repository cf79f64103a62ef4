import type { Language } from '../../common/language.ts'
import { AccessPolicyError } from '../../identity/access-policies.ts'
import { DirectoryError } from '../../identity/directory-error.ts'
import { fill } from '../../pages/fill.ts'
import type { PageRequest } from '../page-request.ts'
import { adminTexts } from './texts.ts'

/** What was done before this page, in words. */
export function doneOf(visit: PageRequest): string | undefined {
  const text = adminTexts[visit.lang]
  const texts: Record<string, string> = { saved: text.doneSaved, deleted: text.doneDeleted, erased: text.doneErased }
  return texts[visit.query.get('done') ?? '']
}

/** A refusal of the directory in words; anything else is thrown on. */
export function problemOf(error: unknown, lang: Language): string {
  const text = adminTexts[lang]
  if (error instanceof AccessPolicyError) return fill(text.problemPolicy, { detail: error.message })
  if (!(error instanceof DirectoryError)) throw error
  if (error.reason === 'exists') return text.problemTaken
  switch (error.member) {
    case 'displayName':
      return text.problemName
    case 'password':
      return text.problemPassword
    case 'redirectUris':
      return fill(text.problemRedirect, { detail: error.message })
    case 'certificate':
      return text.problemCertificate
    default:
      return fill(text.problemOther, { detail: error.message })
  }
}
