import { Button, Link, Tooltip } from '@fluentui/react-components'
import { CheckmarkRegular } from '@fluentui/react-icons/svg/checkmark'
import { CopyRegular } from '@fluentui/react-icons/svg/copy'
import { useState } from 'react'
import { useT } from '../i18n/i18n.tsx'

/** Copy text; browsers without the clipboard interface (insecure pages) get the old way. */
async function copy(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text)
  const area = document.createElement('textarea')
  area.value = text
  document.body.append(area)
  area.select()
  document.execCommand('copy')
  area.remove()
}

interface CopyFieldProps {
  label: string
  value: string
  shown?: string
  /** Makes the text a link. */
  href?: string
}

/** Something to read out or copy, with its button. */
export function CopyField({ label, value, shown = value, href }: CopyFieldProps) {
  const t = useT()
  const [copied, setCopied] = useState(false)
  const run = async () => {
    await copy(value)
    setCopied(true)
    setTimeout(() => setCopied(false), 2500)
  }
  return (
    <div className="copy">
      <dt>{label}</dt>
      <dd>
        <span className="copy-value" translate="no">
          {href ? <Link href={href}>{shown}</Link> : shown}
        </span>
        <Tooltip content={t('common.copy', { what: label.toLocaleLowerCase() })} relationship="label">
          <Button
            appearance="subtle"
            icon={copied ? <CheckmarkRegular /> : <CopyRegular />}
            onClick={() => void run().catch(() => undefined)}
          />
        </Tooltip>
        <span role="status" className="sr-only">
          {copied ? t('common.copied') : ''}
        </span>
      </dd>
    </div>
  )
}
