import { Button } from '@fluentui/react-components'
import { useT } from '../i18n/i18n.tsx'
import { Modal } from './modal.tsx'
import { shortcuts, talkKeys } from './shortcuts.ts'

/** The list of keyboard shortcuts. */
export function ShortcutDialog({ close }: { close: () => void }) {
  const t = useT()
  const rows = [...shortcuts.map(({ keys, does }) => ({ keys, does })), { keys: talkKeys, does: 'keys.talk' as const }]
  return (
    <Modal title={t('keys.title')} close={close} actions={<Button onClick={close}>{t('common.close')}</Button>}>
      <table className="keys">
        <thead className="sr-only">
          <tr>
            <th scope="col">{t('keys.does')}</th>
            <th scope="col">{t('keys.key')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ keys, does }) => (
            <tr key={does}>
              <td>{t(does)}</td>
              <td>
                {keys.map((key) => (
                  <kbd key={key}>{key === 'Space' ? t('keys.space') : key}</kbd>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Modal>
  )
}
