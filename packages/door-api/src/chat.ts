export interface ChatFile {
  name: string
  /** Bytes. */
  size: number
  /** The sender's word, a label only. */
  type: string
  url: string
}

export interface ChatReaction {
  emoji: string
  count: number
  mine: boolean
}

/** Who wrote. The name is their own choice for guests; `kind` is the server's word. */
export interface ChatWriter {
  identity: string
  name: string
  you: boolean
  /** `user` is signed in, `guest` proved nothing. */
  kind: 'user' | 'guest' | 'phone' | 'application'
}

/** A message as one person sees it; a deleted one keeps its place and has no text. */
export interface ChatMessage {
  id: string
  from: ChatWriter
  text: string
  createdAt: string
  editedAt: string | null
  deleted: boolean
  replyTo: string | null
  /** Identities. */
  mentions: string[]
  reactions: ChatReaction[]
  file: ChatFile | null
}

/** Oldest first; `more` says that there are earlier ones. */
export interface ChatPage {
  messages: ChatMessage[]
  more: boolean
}

export interface ChatChange {
  type: 'message' | 'updated' | 'deleted'
  message: ChatMessage
}
