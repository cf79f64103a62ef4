/** A page that cannot be shown or a change that cannot be made; said on a page of its own. */
export class PageError extends Error {
  readonly status: 403 | 404 | 409
  readonly kind: 'forbidden' | 'missing' | 'stale' | 'changed'
  constructor(kind: 'forbidden' | 'missing' | 'stale' | 'changed') {
    super(kind)
    this.name = 'PageError'
    this.kind = kind
    this.status = kind === 'missing' ? 404 : kind === 'changed' ? 409 : 403
  }
}
