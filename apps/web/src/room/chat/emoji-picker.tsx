const emoji = [
  ...'😀😄😁😅😂🙂😉😊😍😘😎🤔🙄😴😮😢😭😡🤯🥳🤝👍👎👏🙌🙏💪👋👌✌🤞👀❤💔🔥⭐✨🎉🎁☕🍕🚀💡📌📎📅✅❌❓❗⏰💻📞🎧🌞🌈',
].map((one) => (/^\p{Emoji_Presentation}/u.test(one) ? one : `${one}\uFE0F`))

/** A small choice of emoji; keyboards and systems have the rest. */
export function EmojiPicker({ pick }: { pick: (emoji: string) => void }) {
  return (
    <div className="emoji-grid">
      {emoji.map((one) => (
        <button key={one} type="button" onClick={() => pick(one)}>
          {one}
        </button>
      ))}
    </div>
  )
}
