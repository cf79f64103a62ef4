import { Button } from '@fluentui/react-components'
import { DismissRegular } from '@fluentui/react-icons/svg/dismiss'
import { type ReactNode, useEffect, useRef } from 'react'
import { useT } from '../i18n/i18n.tsx'

type Props = { title: string; close: () => void; tools?: ReactNode; children: ReactNode }

/** The frame of a panel beside the stage (over it on a phone). Escape closes it; focus goes in on opening and back on closing. */
export function PanelFrame({ title, close, tools, children }: Props) {
  const t = useT()
  const frame = useRef<HTMLElement>(null)
  useEffect(() => {
    const before = document.activeElement
    frame.current?.focus()
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  return (
    <aside
      ref={frame}
      className="panel"
      aria-label={title}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.defaultPrevented) close()
      }}
    >
      <header className="panel-head">
        <h2>{title}</h2>
        {tools}
        <Button appearance="subtle" icon={<DismissRegular />} aria-label={t('common.close')} onClick={close} />
      </header>
      {children}
    </aside>
  )
}
