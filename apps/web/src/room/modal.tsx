import { type ReactNode, useEffect, useId, useRef } from 'react'

type Props = { title: string; close: () => void; actions: ReactNode; children: ReactNode }

/** A dialog over everything, by the browser's own element: it keeps focus inside, closes on Escape and gives focus back. */
export function Modal({ title, close, actions, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  useEffect(() => {
    const element = dialog.current
    element?.showModal()
    return () => element?.close()
  }, [])
  return (
    <dialog ref={dialog} className="modal" aria-labelledby={titleId} onClose={close}>
      <h2 id={titleId}>{title}</h2>
      <div className="modal-body">{children}</div>
      <div className="modal-actions">{actions}</div>
    </dialog>
  )
}
