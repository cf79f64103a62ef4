/** A directory change that was refused: what was wrong, and with which member. */
export class DirectoryError extends Error {
  readonly reason: 'invalid' | 'exists' | 'missing'
  readonly member: string
  constructor(reason: 'invalid' | 'exists' | 'missing', member: string, message: string) {
    super(message)
    this.name = 'DirectoryError'
    this.reason = reason
    this.member = member
  }
}
