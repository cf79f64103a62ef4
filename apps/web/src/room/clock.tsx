import { useEffect, useState } from 'react'

/** How long one has been in the meeting. */
export function Clock({ label }: { label: string }) {
  const [start] = useState(() => Date.now())
  const [seconds, setSeconds] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => setSeconds(Math.floor((Date.now() - start) / 1000)), 1000)
    return () => clearInterval(timer)
  }, [start])
  const two = (n: number) => String(n).padStart(2, '0')
  const hours = Math.floor(seconds / 3600)
  const text = `${hours > 0 ? `${hours}:` : ''}${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  return (
    <span className="clock quiet" role="timer" aria-label={label}>
      {text}
    </span>
  )
}
