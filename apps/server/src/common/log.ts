/** What reports trouble: the HTTP server's log, as far as the parts of the server need it. */
export interface Log {
  warn(fields: object, message: string): void
}
