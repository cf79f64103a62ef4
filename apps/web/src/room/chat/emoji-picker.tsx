import { useEffect, useRef } from 'react'

const emoji = [
  ...'😀😄😁😅😂🙂😉😊😍😘😎🤔🙄😴😮😢😭😡🤯🥳🤝👍👎👏🙌🙏💪👋👌✌🤞👀❤💔🔥⭐✨🎉🎁☕🍕🚀💡📌📎📅✅❌❓❗⏰💻📞🎧🌞🌈',
].map((one) => (/^\p{Emoji_Presentation}/u.test(one) ? one : `${one}\uFE0F`))

/** A small choice of emoji; keyboards and systems have the rest. */
export function EmojiPicker({ pick, close }: { pick: (emoji: string) => void; close: () => void }) {
  const grid = useRef<HTMLUListElement>(null)
  useEffect(() => grid.current?.querySelector('button')?.focus(), [])
  return (
    <ul
      ref={grid}
      className="emoji-grid"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.preventDefault()
        close()
      }}
    >
      {emoji.map((one) => (
        <li key={one}>
          <button type="button" onClick={() => pick(one)}>
            {one}
          </button>
        </li>
      ))}
    </ul>
  )
}
