/** The longest chat message, in UTF-16 code units. */
export const maxChatText = 8_000

/** The longest word to people in the lobby, in UTF-16 code units. */
export const maxLobbyMessage = 2_000
