/** What an access token opens at the door for whoever came with one; everything, for people who came with a page of ours. */
export interface TokenGrants {
  /** Send, speak up, and use the role: without it one sees and hears. */
  takePart: boolean
  readChat: boolean
  writeChat: boolean
}

type Permissions = Record<'enter' | keyof TokenGrants, readonly string[]>

/** The permissions of Graph's that open each thing, as they do under `/v1.0` (docs/access.md, Tokens). */
const delegated: Permissions = {
  enter: ['OnlineMeetings.Read', 'OnlineMeetings.ReadWrite'],
  takePart: ['OnlineMeetings.ReadWrite'],
  readChat: ['Chat.Read', 'Chat.ReadWrite'],
  writeChat: ['ChatMessage.Send', 'Chat.ReadWrite'],
}
const application: Permissions = {
  enter: ['OnlineMeetings.Read.All', 'OnlineMeetings.ReadWrite.All'],
  takePart: ['OnlineMeetings.ReadWrite.All'],
  readChat: ['Chat.Read.All', 'Chat.ReadWrite.All'],
  writeChat: ['Chat.ReadWrite.All'],
}

/** What a token with these scopes (of a person) or roles (of an application) opens; undefined when it does not even let in. */
export function grantsOf(kind: 'user' | 'app', held: ReadonlySet<string>): TokenGrants | undefined {
  const permissions = kind === 'app' ? application : delegated
  const holds = (of: keyof Permissions) => permissions[of].some((permission) => held.has(permission))
  if (!holds('enter')) return undefined
  return { takePart: holds('takePart'), readChat: holds('readChat'), writeChat: holds('writeChat') }
}

/** The permissions of which a token needs one to be let in. */
export function neededToEnter(kind: 'user' | 'app'): readonly string[] {
  return (kind === 'app' ? application : delegated).enter
}

/** Whether what somebody came with lets them do more than see and hear. */
export function takesPart({ grants }: { grants: TokenGrants | null }): boolean {
  return grants?.takePart ?? true
}
