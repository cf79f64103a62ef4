/** Where the server tells what happens. No token, secret or media content is ever passed to it. */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export type LogLevel = keyof Log

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} }
