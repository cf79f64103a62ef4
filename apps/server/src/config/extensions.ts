/** Additions of ours that no client of Graph expects; off unless asked for. */
export const extensions = ['list', 'upn', 'ics', 'idempotency'] as const
export type Extension = (typeof extensions)[number]
