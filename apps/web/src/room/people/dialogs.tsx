import { Button, Checkbox } from '@fluentui/react-components'
import { useState } from 'react'
import { useT } from '../../i18n/i18n.tsx'
import type { Person } from '../../media/people.ts'
import type { RoomActions } from '../actions.ts'
import { Modal } from '../modal.tsx'

/** Asks before somebody is removed, and whether they may come back. */
export function RemoveDialog({ person, close, actions }: { person: Person; close: () => void; actions: RoomActions }) {
  const t = useT()
  const [mayReturn, setMayReturn] = useState(false)
  const remove = () => {
    void actions.attempt(actions.door.client.remove(person.identity, mayReturn))
    close()
  }
  return (
    <Modal
      title={t('people.removeTitle', { name: person.name })}
      close={close}
      actions={
        <>
          <Button onClick={close}>{t('common.cancel')}</Button>
          <Button appearance="primary" onClick={remove}>
            {t('people.remove')}
          </Button>
        </>
      }
    >
      <p>{t('people.removeText')}</p>
      <Checkbox label={t('people.mayReturn')} checked={mayReturn} onChange={(_, data) => setMayReturn(data.checked === true)} />
    </Modal>
  )
}

/** Asks before the meeting is ended for everyone. */
export function EndDialog({ close, actions }: { close: () => void; actions: RoomActions }) {
  const t = useT()
  const end = () => {
    void actions.attempt(actions.door.client.end())
    close()
  }
  return (
    <Modal
      title={t('people.endTitle')}
      close={close}
      actions={
        <>
          <Button onClick={close}>{t('common.cancel')}</Button>
          <Button appearance="primary" onClick={end}>
            {t('people.end')}
          </Button>
        </>
      }
    >
      <p>{t('people.endText')}</p>
    </Modal>
  )
}
