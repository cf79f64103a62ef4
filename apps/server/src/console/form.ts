import type { FastifyInstance, FastifyRequest } from 'fastify'
import { readFields } from '../common/form-fields.ts'

const bodyLimit = 256 * 1024

/** Let the routes of a scope take HTML forms, and nothing else. */
export function takeForms(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit }, (_request, body, done) => {
    const form = readFields(body as string)
    if (form === undefined) done(Object.assign(new Error('the form has too many fields'), { statusCode: 400 }))
    else done(null, form)
  })
}

/** The fields of a posted form. */
export function formOf(request: FastifyRequest): URLSearchParams {
  return request.body instanceof URLSearchParams ? request.body : new URLSearchParams()
}

/** A field without the blanks around it; '' when absent. */
export function field(form: URLSearchParams, name: string): string {
  return (form.get(name) ?? '').trim()
}

/**
 * Whether a browser says that another site made it send this request (Fetch Metadata). Browsers that say nothing are
 * covered by the token every form carries.
 */
export function isCrossSite(request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site']
  return site !== undefined && site !== 'same-origin' && site !== 'none'
}
